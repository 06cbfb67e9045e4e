"""One file per story; each has functions that put its actors and their generators on the world's agenda."""
