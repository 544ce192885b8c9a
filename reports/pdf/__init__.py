"""Reports on paper (PDF): blocks, layout, and printing many side by side."""
