"""Run it again and again; publish what came out."""
