"""The synthetic sample project and its generator."""
