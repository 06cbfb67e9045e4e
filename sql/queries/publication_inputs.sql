-- Fingerprints of everything a publication rests on; times and versions of writing are left out, so equal data give equal ones.
SELECT
    (
        SELECT hex(groupBitXor(sipHash64(chain, address, category, label, source_category, source, confidence)))
        FROM labels
        WHERE length(address) = 20 AND has({chain_names:Array(String)}, chain)
          AND known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to
          AND valid_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < valid_to
    ) AS labels,
    (
        SELECT hex(groupBitXor(sipHash64(list_kind, entry_id, name, program, asset, address)))
        FROM list_entries
        WHERE length(address) = 20
          AND known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to
          AND valid_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < valid_to
    ) AS list_entries,
    (
        SELECT hex(groupBitXor(sipHash64(address, typology, role, round(strength, 6), sentence)))
        FROM typology_findings WHERE chain_id = {chain_id:UInt64}
    ) AS typology_findings,
    (
        SELECT hex(groupBitXor(sipHash64(
            address, round(ifNull(probability, -1), 6), round(ifNull(probability_low, -1), 6), round(ifNull(probability_high, -1), 6),
            model_answer, abstained, round(ifNull(learnt_share, -1), 6), round(ifNull(base_rate_probability, -1), 6),
            round(anomaly, 6), round(ifNull(structure_anomaly, -1), 6), model_id, reasons
        )))
        FROM wallet_predictions WHERE chain_id = {chain_id:UInt64}
    ) AS wallet_predictions,
    (
        SELECT hex(groupBitXor(sipHash64(from_id, to_id, native_amount, token_transfer_count, first_block, last_block)))
        FROM address_edges WHERE chain_id = {chain_id:UInt64}
    ) AS address_edges,
    (
        SELECT hex(groupBitXor(sipHash64(address, address_id))) FROM addresses WHERE chain_id = {chain_id:UInt64}
    ) AS addresses,
    (
        SELECT arraySort(groupUniqArrayIf(model_id, model_id != '')) FROM wallet_predictions WHERE chain_id = {chain_id:UInt64}
    ) AS model_ids
