"""The engine: intake → measure → scoring → diagnosis → lists. It never imports `reports`."""
