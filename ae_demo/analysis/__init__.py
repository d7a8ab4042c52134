"""Analysis: classical baselines and anomaly scores."""
