"""Measuring models: the metrics, and the protocols they are used in."""
