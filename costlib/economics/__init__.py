"""Prices, labels and methods of alignment: what whole projects cost, and how sure that is."""
