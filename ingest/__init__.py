"""Chain to rows: sources of blocks, and lists of what is known about addresses."""
