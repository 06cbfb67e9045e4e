"""Predictions and knowledge to decisions: scores, labels, recommendations."""
