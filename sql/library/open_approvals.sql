-- Which contracts and people may take tokens of an address.
--
-- question: Whom did this address allow to move its ERC-20 tokens, and not take it back? What an approval allows may
--   have been used since; drainers live on those that were forgotten.
-- tags: wallet, tokens, risk
-- param address: The owner of the tokens.
-- column token: Token contract
-- column symbol: Its symbol; empty where nobody says it
-- column spender: Who may take them
-- column allowed [smallest units]: How much, as the last approval said
-- column is_unlimited: 1 when that is more than any supply (from 2^128 up)
-- column approved_at: When
-- column spender_label: What a source says of the spender now; empty where none does
-- column spender_finding: A suspicious behaviour that was found of the spender; empty where none was
-- column transaction_hash: Transaction of the approval
-- example: chainsight query run open_approvals --param address=0xf34ff99ad1055515b0fd89fc76e31953462c8f7e
SELECT
    concat('0x', lower(hex(given.token))) AS token,
    known.symbol AS symbol,
    concat('0x', lower(hex(given.spender))) AS spender,
    given.last.1 AS allowed,
    allowed >= bitShiftLeft(toUInt256(1), 128) AS is_unlimited,
    given.last.2 AS approved_at,
    arrayFirst(name -> name.valid_from <= now() AND now() < name.valid_to, said.names).label AS spender_label,
    found.behaviour AS spender_finding,
    concat('0x', lower(hex(given.last.3))) AS transaction_hash
FROM (
    SELECT
        address AS token,
        toFixedString(substring(topics[3], 13), 20) AS spender,
        argMax(
            (reinterpretAsUInt256(reverse(substring(data, 1, 32))), block_timestamp, logs.transaction_hash),
            (block_number, log_index)
        ) AS last
    FROM logs
    WHERE chain_id = {chain_id:UInt64}
        AND block_number BETWEEN {from_block:UInt64} AND {to_block:UInt64}
        AND length(topics) = 3
        AND topics[1] = unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925')
        AND topics[2] = concat(unhex(repeat('00', 12)), unhex(substring({address:String}, 3)))
        AND length(data) >= 32
    GROUP BY token, spender
    HAVING last.1 > 0
) AS given
LEFT JOIN (
    SELECT token_address, any(tokens.symbol) AS symbol FROM tokens WHERE chain_id = {chain_id:UInt64} GROUP BY token_address
) AS known ON known.token_address = given.token
LEFT JOIN (SELECT address, names FROM address_names WHERE chain_id = {chain_id:UInt64}) AS said ON said.address = given.spender
LEFT JOIN (
    SELECT address, argMax(CAST(typology AS String), strength) AS behaviour
    FROM typology_findings
    WHERE chain_id = {chain_id:UInt64} AND typology NOT IN ('deposit_address') AND role NOT IN ('victim')
    GROUP BY address
) AS found ON found.address = given.spender
ORDER BY approved_at DESC, token, spender
LIMIT {most:UInt64}
