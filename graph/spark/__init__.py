"""Graph measures on Spark with GraphFrames: the engine, its job, and what it needs to run."""
