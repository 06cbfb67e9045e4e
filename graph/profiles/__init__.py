"""One wallet from all sides: what it holds, its habits, where it departs from them."""
