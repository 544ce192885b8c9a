"""The comparison page (对比页): one HTML file."""
