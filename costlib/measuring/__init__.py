"""Measuring on the machine at hand: real model classes with random weights, their steps timed and counted."""
