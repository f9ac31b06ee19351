"""Readers of the rows of each kind of table."""
