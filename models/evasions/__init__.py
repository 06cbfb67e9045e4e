"""What a wallet could do to look innocent, what that would cost it, and whether the model still sees it."""
