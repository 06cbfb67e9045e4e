"""The list of commands, in the order of `--help`: importing a module registers its commands."""

from chainsight.cli import demo as demo
from chainsight.cli import run as run
from chainsight.cli import ingest as ingest
from chainsight.cli import graph as graph
from chainsight.cli import models as models
from chainsight.cli import models as models
from chainsight.cli import risk as risk
from chainsight.cli import store as store
from chainsight.cli import export as export
from chainsight.cli import serve as serve
from chainsight.cli import schedule as schedule
from chainsight.cli import bench as bench
from chainsight.cli import doctor as doctor
