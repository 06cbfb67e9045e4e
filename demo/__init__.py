"""The bundled chain: the story that was played on a real node, and its recording."""
