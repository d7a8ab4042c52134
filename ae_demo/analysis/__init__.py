"""Analysis: classical baselines, anomaly detection, what codes are good for, and the sweep over their size."""
