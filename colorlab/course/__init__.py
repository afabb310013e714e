"""What the chapters use: figures, widgets, exercises, small experiments."""
