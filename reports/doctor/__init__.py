"""What `tijian doctor` looks at: the machine, the project's folder, a printed page; and the bundle for those who help."""
