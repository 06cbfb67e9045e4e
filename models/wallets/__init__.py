"""How probable it is that a wallet is illicit."""
