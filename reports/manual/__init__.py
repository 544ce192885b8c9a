"""The manual (使用手册): its generated chapters, and all chapters as one printed book."""
