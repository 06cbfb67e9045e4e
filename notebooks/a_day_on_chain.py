"""A day on chain: what a network does, from months down to one day.

.venv/bin/marimo edit notebooks/a_day_on_chain.py                       # the demo's store, after `make demo`
.venv/bin/marimo edit notebooks/a_day_on_chain.py -- --store chdb:///path/of/another
.venv/bin/python notebooks/a_day_on_chain.py                            # runs every cell, shows nothing
"""

import marimo

app = marimo.App(width="medium", app_title="A day on chain")


@app.cell
def _():
    import os
    from pathlib import Path

    import marimo as mo

    import chainsight

    demo = f"chdb://{Path('.chainsight/demo/store').resolve()}"
    warehouse = chainsight.open(str(mo.cli_args().get("store") or os.environ.get("CHAINSIGHT_STORE") or demo))
    return mo, warehouse


@app.cell
def _(mo, warehouse):
    coverage = warehouse.query("coverage").pandas()
    chains = ", ".join(map(str, sorted(set(coverage["chain_id"]))))
    mo.md(
        f"""
        # A day on chain

        The store holds **{coverage["blocks"].sum():,} blocks** of chain {chains}, with {coverage["transactions"].sum():,} transactions
        and {coverage["logs"].sum():,} events. Every picture below is one question of the library (`chainsight query list`) or a few
        lines of SQL; change either and the cells that depend on it run again.
        """
    )
    return


@app.cell
def _(mo):
    mo.md(
        """
        ## Who is there

        Signers are the people and bots who paid for a transaction. Those who sign for the first time are many at the left edge,
        because nobody was seen before the store's first block: do not read a boom into it.
        """
    )
    return


@app.cell
def _(warehouse):
    active = warehouse.query("daily_active_addresses")
    active.plot(title="Addresses that signed a transaction")
    return (active,)


@app.cell
def _(active, mo):
    days = active.polars()
    complete = days[1:-1] if len(days) > 2 else days  # the first and the last day may be cut by the range of blocks
    busiest_day = complete.sort("transactions", descending=True)["day"][0]
    mo.md(
        f"""
        ## What it costs

        Gas has two parts: a base fee that is burnt and a tip for whoever makes the block. Where blocks are far from full, the base fee
        falls and tips matter little. The busiest complete day was **{busiest_day}**; the rest of this page looks at it alone.
        """
    )
    return (busiest_day,)


@app.cell
def _(warehouse):
    gas = warehouse.query("gas_burnt_by_day")
    gas.plot(title="Native coin burnt for gas")
    return (gas,)


@app.cell
def _(busiest_day, mo, warehouse):
    _edges = warehouse.query(
        "SELECT min(block_number) AS first, max(block_number) AS last FROM blocks WHERE toDate(block_timestamp) = {day:Date}",
        day=busiest_day,
    ).polars()
    day_range = {"from_block": int(_edges["first"][0]), "to_block": int(_edges["last"][0])}
    mo.md(f"## {busiest_day}\n\nBlocks {day_range['from_block']:,} to {day_range['to_block']:,}, hour by hour (UTC):")
    return (day_range,)


@app.cell
def _(day_range, warehouse):
    hours = warehouse.query(
        """
        SELECT toStartOfHour(block_timestamp) AS hour, if(success = 0, 'failed', 'succeeded') AS outcome, count() AS transactions
        FROM transactions
        WHERE block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        GROUP BY hour, outcome
        ORDER BY hour, outcome
        """,
        **day_range,
    )
    hours.plot("hour", "transactions", colour="outcome", title="Transactions by the hour")
    return (hours,)


@app.cell
def _(mo):
    mo.md(
        """
        ## What moved

        Tokens by the number of their transfers, and the largest single payments in native coin. A token with many transfers and few givers
        is handed out; one with many of both is used. A dash stands for tokens that nobody named.
        """
    )
    return


@app.cell
def _(day_range, warehouse):
    tokens = warehouse.query("token_activity", most=12, **day_range)
    tokens.plot("symbol", "transfers", colour="standard", title="Transfers by token")
    return (tokens,)


@app.cell
def _(day_range, warehouse):
    largest = warehouse.query("largest_transfers", most=10, **day_range).pandas()
    largest[["block_timestamp", "kind", "giver", "receiver", "quantity"]]
    return (largest,)


@app.cell
def _(mo):
    mo.md(
        """
        ## Exchanges

        What reached labelled exchanges less what left them. It counts only addresses that somebody labelled, so it is a lower bound.
        """
    )
    return


@app.cell
def _(warehouse):
    flows = warehouse.query("exchange_flows")
    exchange_chart = (
        flows.plot(title="Net inflow of native coin to exchanges")
        if len(flows)
        else "No exchange is labelled in this store."
    )
    exchange_chart
    return (exchange_chart,)


@app.cell
def _(mo):
    mo.md(
        """
        ## Where transactions fail

        Failed transactions pay for gas and move nothing. Routers lead such lists, for prices move between signing and inclusion.
        """
    )
    return


@app.cell
def _(day_range, warehouse):
    failed = warehouse.query("failed_transactions", most=10, **day_range)
    failed_chart = failed.plot(title="Failed transactions by receiver") if len(failed) else "None failed that day."
    failed_chart
    return (failed_chart,)


if __name__ == "__main__":
    app.run()
