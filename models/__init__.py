"""Graphs to predictions: features, splits, models, their registry."""
