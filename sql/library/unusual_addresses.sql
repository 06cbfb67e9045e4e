-- Addresses that behave like no other.
--
-- question: Which addresses are the most unusual by what they do, without any label, and what stands out? Unusual is
--   not illicit: large services are unusual too.
-- tags: risk, behaviour
-- column wallet: Address
-- column anomaly: Share of addresses that are less unusual, 0 to 1
-- column probability: Calibrated probability of being illicit; NULL where the model abstains
-- column label: What a source says of it now; empty where none does
-- column stands_out: Features whose values are the rarest
-- column as_of_block: Block up to which this is known
-- chart: wallet, anomaly
-- example: chainsight query run unusual_addresses --param most=10
SELECT
    concat('0x', lower(hex(told.address))) AS wallet,
    told.anomaly AS anomaly,
    told.probability AS probability,
    arrayFirst(name -> name.valid_from <= now() AND now() < name.valid_to, said.names).label AS label,
    told.stands_out AS stands_out,
    told.as_of_block AS as_of_block
FROM (
    SELECT
        address, anomaly, probability, as_of_block,
        arrayMap(part -> concat(part.1, ' = ', toString(round(part.2, 4))), arraySlice(rarities, 1, 3)) AS stands_out
    FROM wallet_predictions
    WHERE chain_id = {chain_id:UInt64}
    ORDER BY anomaly DESC, address
    LIMIT {most:UInt64}
) AS told
LEFT JOIN (SELECT address, names FROM address_names WHERE chain_id = {chain_id:UInt64}) AS said ON said.address = told.address
ORDER BY anomaly DESC, wallet
