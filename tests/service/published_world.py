"""What a publication of two addresses and some recommendations looks like, row by row."""

from __future__ import annotations

import time

from sql.store import Store

CHAIN = 1
MIXER_USER = "0x" + "11" * 20
QUIET = "0x" + "22" * 20
STRANGER = "0x" + "99" * 20
BLOCK_HASH = "0x" + "ab" * 32
GRADES = ("Severe", "High", "Medium", "Low")
ACTIONS = ("freeze_and_report", "enhanced_due_diligence", "review", "monitor")
REASON = "Received 10 ETH, 62% of all it took in, from Tornado.Cash: 10 ETH (etherscan)."


def publish_rows(store: Store, *, chain_id: int, publication: int, recommendations: int = 8) -> None:
    """Insert a publication: two scores, one exposure, one label; the record of it last, as `publish` does."""
    place = {"chain_id": chain_id, "publication": publication}
    store.command(
        """
        INSERT INTO score_rows (chain_id, publication, address, score, grade, evidence, is_service, category, probability,
            probability_low, probability_high, model_answer, base_rate_probability, is_predicted, anomaly, structure_anomaly,
            list_channel, label_channel, exposure_channel, typology_channel, supervised_channel, anomaly_channel, reasons,
            model_id, as_of_block, as_of_block_hash)
        SELECT {chain_id:UInt64}, {publication:UInt64}, unhex(repeat('11', 20)), 48.5, 'Medium', 'sufficient', 0, '', 0.25,
            0.1875, 0.75, 'review', 0.09375, 1, 0.875, 0.6875, 0, 0, 0.375, 0, 0.125, 0.0625, [{reason:String}], 'wallets-test',
            1000, unhex(repeat('ab', 32))
        UNION ALL
        SELECT {chain_id:UInt64}, {publication:UInt64}, unhex(repeat('22', 20)), 0, 'Low', 'insufficient', 0, '', NULL,
            NULL, NULL, '', NULL, 0, 0, NULL, 0, 0, 0, 0, 0, 0, [], '', 1000, unhex(repeat('ab', 32))
        """,
        reason=REASON,
        **place,
    )
    store.command(
        """
        INSERT INTO exposure_rows (chain_id, publication, address, category, direction, hops, counterparties, native_amount,
            token_transfer_count, share, example_address, example_name, example_source, via_address, weight, as_of_block,
            as_of_block_hash)
        SELECT {chain_id:UInt64}, {publication:UInt64}, unhex(repeat('11', 20)), 'mixer', 'in', 1, 1,
            toUInt256('12345678901234567890123'), 0, 0.625, unhex(repeat('33', 20)), 'Tornado.Cash: 10 ETH', 'etherscan',
            NULL, 0.375, 1000, unhex(repeat('ab', 32))
        """,
        **place,
    )
    store.command(
        """
        INSERT INTO risk_label_rows (chain_id, publication, address, channel, risk_label, is_service, weight, name, source,
            sentence, as_of_block, as_of_block_hash)
        SELECT {chain_id:UInt64}, {publication:UInt64}, unhex(repeat('11', 20)), 'exposure', 'exposure_mixer', 0, 0.375, '',
            'etherscan', {reason:String}, 1000, unhex(repeat('ab', 32))
        """,
        reason=REASON,
        **place,
    )
    recommend_rows(store, chain_id=chain_id, publication=publication, count=recommendations)
    record_publication(store, chain_id=chain_id, publication=publication, recommendations=recommendations)


def recommend_rows(store: Store, *, chain_id: int, publication: int, count: int) -> None:
    """Recommendations at positions 1 … count; ids name publication and position, grades and actions take turns."""
    store.command(
        """
        INSERT INTO recommendation_rows (chain_id, publication, position, recommendation_id, address, role, action, priority,
            score, grade, reasons, valid_from, valid_until, as_of_block, as_of_block_hash)
        SELECT {chain_id:UInt64}, {publication:UInt64}, number + 1,
            concat(toString({publication:UInt64}), '-', toString(number + 1)),
            toFixedString(unhex(leftPad(hex(number + 1), 40, '0')), 20), 'subject',
            ['freeze_and_report', 'enhanced_due_diligence', 'review', 'monitor'][1 + number % 4], 1 + number % 4, 50,
            ['Severe', 'High', 'Medium', 'Low'][1 + number % 4], ['because'], toDateTime('2026-01-01 00:00:00', 'UTC'),
            toDateTime('2026-01-08 00:00:00', 'UTC'), 1000, unhex(repeat('ab', 32))
        FROM numbers({count:UInt32})
        """,
        chain_id=chain_id,
        publication=publication,
        count=count,
    )


def record_publication(
    store: Store, *, chain_id: int, publication: int, recommendations: int = 8, rows_kept: int = 1
) -> None:
    """The row that makes a publication visible, or, with `rows_kept` 0, says that its rows are gone."""
    store.command(
        """
        INSERT INTO publications (chain_id, publication, content_key, policy_hash, policy, label_set_version, model_ids,
            as_of_block, as_of_block_hash, as_of_timestamp, finality, score_count, exposure_count, risk_label_count,
            recommendation_count, published_at, rows_kept, version)
        SELECT {chain_id:UInt64}, {publication:UInt64}, repeat('c', 64), '', '{}', '', ['wallets-test'], 1000,
            unhex(repeat('ab', 32)), toDateTime('2026-01-01 00:00:00', 'UTC'), 'finalized', 2, 1, 1, {recommendations:UInt64},
            toDateTime64('2026-01-01 00:10:00', 3, 'UTC'), {rows_kept:UInt8}, {version:UInt64}
        """,
        chain_id=chain_id,
        publication=publication,
        recommendations=recommendations,
        rows_kept=rows_kept,
        version=time.time_ns(),
    )
