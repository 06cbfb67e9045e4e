"""How people and programs look at what was published."""
