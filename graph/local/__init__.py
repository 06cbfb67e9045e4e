"""Graph measures in this process: scipy and compiled loops."""
