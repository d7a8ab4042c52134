"""Analysis: classical baselines, and how unusual a sample is to a model."""
