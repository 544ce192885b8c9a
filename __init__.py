"""tijian 城市体检: the engine of a Chinese district's annual city health check."""

__version__ = "0.1.0"
