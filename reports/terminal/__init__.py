"""What the terminal shows (终端显示), and the commands that only show something."""
