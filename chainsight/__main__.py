"""`python -m chainsight` is the same as the command `chainsight`."""

from chainsight.cli import main

main()
