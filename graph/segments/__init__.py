"""Groups of wallets that behave alike, with names that stay."""
