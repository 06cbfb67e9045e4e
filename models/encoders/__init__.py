"""A wallet as numbers that are learnt from the payments around it: sampling, encoder, pretraining, training."""
