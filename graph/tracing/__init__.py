"""Where money went and where it came from: lots, policies, ledgers, the push engine, its answers."""
