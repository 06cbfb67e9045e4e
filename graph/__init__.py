"""Tables to graphs: dense ids, edges, measures on two engines."""
