"""What each address does, as numbers: catalogue, build, matrix."""
