"""How sure a score is: probabilities, intervals, sets with a guarantee, changed base rates, and whether all that holds."""
