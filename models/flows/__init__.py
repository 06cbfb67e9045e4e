"""Whom an address pays next: questions, candidates, the ranker."""
