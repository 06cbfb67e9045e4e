"""What a wallet did, one transaction after the other: histories, their description, an encoder and a detector over them."""
