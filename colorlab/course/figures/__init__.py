"""The course's figures, in one style."""
