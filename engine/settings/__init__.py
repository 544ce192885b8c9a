"""What the desk has set (体检项目的设置): `tijian.toml`, its scheme and its forms, validated."""
