"""The list of commands, in the order of `--help`: importing a module registers its commands."""

from chainsight.cli import export as export
from chainsight.cli import graph as graph
from chainsight.cli import store as store
