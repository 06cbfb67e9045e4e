"""Follow the money: from a listed address to where its coins went.

.venv/bin/marimo edit notebooks/follow_the_money.py                     # the demo's store, after `make demo`
.venv/bin/marimo edit notebooks/follow_the_money.py -- --store chdb:///path/of/another --address 0x…
.venv/bin/python notebooks/follow_the_money.py                          # runs every cell, shows nothing
"""

import marimo

app = marimo.App(width="medium", app_title="Follow the money")


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
def _(mo):
    mo.md(
        """
        # Follow the money

        We start where an authority has done the first step: addresses on a sanctions list. Who took coins from them, what did those
        do with it, and where do we lose the trail? None of this proves intent: an address that was paid by a listed one may be a
        victim, a shop, or the same person. It tells whom to ask next.
        """
    )
    return


@app.cell
def _(warehouse):
    dealt = warehouse.query("sanctioned_counterparties", most=100)
    dealt.plot(title="Native coin between listed addresses and others")
    return (dealt,)


@app.cell
def _(dealt, mo):
    _asked = mo.cli_args().get("address")
    _received = dealt.polars().filter(dealt.polars()["direction"] == "received")
    suspect = str(_asked or _received["counterparty"][0])
    _first = _received.filter(_received["counterparty"] == suspect)
    _how = (
        f"It took {_first['quantity'][0]:.2f} coins from **{_first['listed_name'][0]}** in {_first['transfers'][0]} transfers."
        if len(_first)
        else "It was named on the command line."
    )
    mo.md(f"## One step\n\nWe follow `{suspect}`. {_how}")
    return (suspect,)


@app.cell
def _(suspect, warehouse):
    overview = warehouse.query("wallet_overview", address=suspect).pandas().T
    overview.columns = ["value"]
    overview
    return (overview,)


@app.cell
def _(suspect, warehouse):
    balance = warehouse.query("balance_history", address=suspect)
    balance.plot(title="Native coin it held at the end of each day")
    return (balance,)


@app.cell
def _(mo):
    mo.md(
        """
        A balance that rises with each payment and falls back at once is that of somebody who only passes on. So who gets it?

        ## Two steps

        Coins that left it, by receiver, and what is known of the receivers.
        """
    )
    return


@app.cell
def _(suspect, warehouse):
    paid = warehouse.query(
        """
        SELECT
            concat('0x', lower(hex(to_address))) AS receiver,
            sum(toFloat64(amount)) / 1e18 AS coins,
            count() AS payments,
            min(block_timestamp) AS first_at
        FROM transfers
        WHERE from_address = unhex(substring({address:String}, 3)) AND kind IN ('native', 'internal')
        GROUP BY receiver
        ORDER BY coins DESC
        LIMIT 15
        """,
        address=suspect,
    )
    paid_chart = (
        paid.plot("receiver", "coins", title="Where its coins went") if len(paid) else "It has passed nothing on."
    )
    paid_chart
    return paid, paid_chart


@app.cell
def _(mo, paid, warehouse):
    _lines = []
    for _row in list(paid)[:5]:
        _labels = [
            label["label"] for label in warehouse.query("labels_of_address", who=_row["receiver"]) if label["holds"]
        ]
        _next = [
            step["counterparty"] for step in warehouse.query("top_counterparties", address=_row["receiver"], most=3)
        ]
        _known = ", ".join(_labels) or "nobody has labelled it"
        _lines.append(
            f"* `{_row['receiver']}` got {_row['coins']:.2f} coins; {_known}; deals most with "
            + ", ".join(f"`{who[:10]}…`" for who in _next)
        )
    trail = "\n".join(_lines) or "It has passed nothing on."
    mo.md(trail)
    return (trail,)


@app.cell
def _(mo):
    mo.md(
        """
        ## Where trails end

        Most trails end at an exchange, which knows its customers. These are all who paid into labelled exchanges; names on this list
        that also stand in a trail above are the ones for whom a request to the exchange is worth its paper.
        """
    )
    return


@app.cell
def _(paid, warehouse):
    deposits = warehouse.query("exchange_deposits", most=20)
    reached = sorted(
        {row["depositor"] for row in warehouse.query("exchange_deposits", most=100_000)}
        & {row["receiver"] for row in paid}
    )
    deposits.plot(title="Who pays into exchanges")
    return deposits, reached


@app.cell
def _(mo, reached):
    mo.md(
        "Of the receivers above, these paid into an exchange: " + ", ".join(f"`{who}`" for who in reached)
        if reached
        else "None of the receivers above paid into a labelled exchange."
    )
    return


@app.cell
def _(mo, suspect, warehouse):
    _scores = list(warehouse.query("score_of_address", address=suspect))
    verdict = (
        f"**{_scores[0]['score']} ({_scores[0]['grade']})**\n\n"
        + "\n".join(f"* {reason}" for reason in _scores[0]["reasons"])
        if _scores
        else "Nothing is published in this store yet: `chainsight publish` grades every address."
    )
    mo.md(f"## What the policy makes of it\n\n{verdict}")
    return (verdict,)


if __name__ == "__main__":
    app.run()
