"""Where one more facility would serve most."""
