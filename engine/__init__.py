"""The engine: intake → measure → scoring → diagnosis → lists. It never imports `reports`."""

SCHEMA_VERSION = (
    4  # of results.duckdb; here, so that `tijian --version` can say it without loading what reads it
)
