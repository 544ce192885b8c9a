"""Indicator systems as data (TOML), with their model and loader."""
