"""One file per benchmark; figures beside their baselines."""
