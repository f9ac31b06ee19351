"""The version of the package and of the book."""

__version__ = "0.12.0"
