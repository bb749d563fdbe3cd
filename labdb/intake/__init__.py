"""The one way in: one file per noun, one transaction per function."""
