"""Pure functions on tensors: losses, metrics, noise and colour spaces."""
