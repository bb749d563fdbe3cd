"""The version of labdb, read by the build, the reports and the schema check."""

__version__ = "0.1.0"
