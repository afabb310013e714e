"""Photos: one in and out, sets of them by name, and batches for training."""
