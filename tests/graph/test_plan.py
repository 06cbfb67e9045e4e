from __future__ import annotations

import pytest

from chainsight.errors import UnknownName
from chainsight.settings import Settings
from graph.plan import free_memory_mb, local_mb, plan_graph, spark_mb


def test_a_graph_that_fits_twice_into_memory_is_measured_in_memory():
    chosen = plan_graph(2_400_000, 5_000_000, 5_000_000, free_mb=16_000)
    assert chosen.engine == "local"
    assert chosen.expected_mb == local_mb(2_400_000, 5_000_000, 5_000_000) < 4_000
    assert "at most half of what is free" in chosen.why


def test_a_larger_one_goes_to_spark_unless_somebody_insists():
    large = (300_000_000, 2_000_000_000, 9_000_000_000)
    assert plan_graph(*large, free_mb=16_000).engine == "spark"
    insisted = plan_graph(*large, engine="local", free_mb=16_000)
    assert insisted.engine == "local"
    assert insisted.why == "it was asked for, though more is expected than is free"


def test_more_addresses_edges_or_transfers_take_more_memory_on_either_engine():
    size = (1_000_000, 2_000_000, 3_000_000)
    for place in range(3):
        larger = tuple(number * (2 if at == place else 1) for at, number in enumerate(size))
        assert local_mb(*larger) > local_mb(*size)
    here, cluster = Settings(spark_master="local[2]", spark_memory="3g"), Settings(spark_master="spark://host:7077")
    assert spark_mb(1_000_000, 2_000_000, here) > spark_mb(1_000_000, 2_000_000, cluster) > 3_072
    assert spark_mb(1, 1, Settings(spark_memory="512m")) < spark_mb(1, 1, Settings(spark_memory="1g"))
    assert free_memory_mb() > 0


def test_an_engine_that_is_none_is_refused_with_the_near_ones():
    with pytest.raises(UnknownName, match=r"no graph engine 'sparky'.*spark"):
        plan_graph(1, 1, 1, engine="sparky")
