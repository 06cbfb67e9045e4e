"""What would a model say of a wallet, had it done something else? Variants of histories, evidence, smallest changes, leaks."""
