-- Approved spenders that move the tokens of many owners to others, the owners getting nothing of worth back: approval drainers.
--
-- method: He et al. (2023), TxPhishScope; Chainalysis (2023), approval phishing
-- grain: address and role
WITH
    -- Approval(owner, spender, value) and ApprovalForAll(owner, operator, approved)
    approvals AS
    (
        SELECT DISTINCT
            toFixedString(substring(topics[2], 13), 20) AS owner, toFixedString(substring(topics[3], 13), 20) AS spender,
            address AS token_address, min(block_number) AS approved_block
        FROM logs
        WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND length(topics) >= 3
            AND topics[1] IN (
                unhex('8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925'),
                unhex('17307eab39ab6107e8899845ad3d59bd9653f200f220920489ca2b5937696c31'))
        GROUP BY owner, spender, token_address
    ),
    -- Tokens that left an owner in a transaction somebody else signed.
    taken AS
    (
        SELECT
            t.transaction_hash AS transaction_hash, t.block_number AS block_number, t.token_address AS token_address,
            t.from_address AS victim, t.to_address AS collector,
            x.from_address AS operator, assumeNotNull(x.to_address) AS called
        FROM transfers AS t
        INNER JOIN transactions AS x
            ON x.chain_id = t.chain_id AND x.block_number = t.block_number AND x.transaction_index = t.transaction_index
        WHERE t.chain_id = {chain_id:UInt64} AND t.block_number <= {as_of_block:UInt64}
            AND t.kind IN ('erc20', 'erc721', 'erc1155') AND t.amount > 0
            AND (t.from_address, t.token_address) IN (SELECT owner, token_address FROM approvals)
            AND x.from_address != t.from_address AND x.to_address IS NOT NULL
            AND t.from_address NOT IN (SELECT address FROM infrastructure)
            AND t.to_address NOT IN (SELECT address FROM known_parties WHERE is_service)
    ),
    -- What owners got in the same transactions: it must be worth {min_reward} of what left them. Where nothing of what left has a price, or
    -- something that they got has none, a part of the same token or a thousandth of another one will do; a collectible has no price and
    -- counts, unless it was made there.
    exchanged AS
    (
        SELECT
            transaction_hash, owner, ifNull(sumIf(usd_value, is_loss), 0) AS lost_usd, ifNull(sumIf(usd_value, NOT is_loss), 0) AS got_usd,
            countIf(NOT is_loss AND usd_value IS NULL) = 0 AS is_priced,
            sumMapIf([token_address], [whole], is_loss) AS lost, sumMapIf([token_address], [whole], NOT is_loss) AS got,
            max(NOT is_loss AND kind IN ('erc721', 'erc1155') AND from_address != unhex(repeat('00', 20))) AS got_collectible,
            arrayExists(
                (token, part) -> part >= if(has(lost.1, token), {min_reward:Float64} * lost.2[indexOf(lost.1, token)], 0.001), got.1, got.2
            ) AS got_in_kind
        FROM
        (
            SELECT
                transaction_hash, kind, from_address, token_address, usd_value, ifNull(units, toFloat64(amount) / 1e18) AS whole,
                arrayJoin([(from_address, 1), (to_address, 0)]) AS side, side.1 AS owner, side.2 AS is_loss
            FROM transfers_usd
            WHERE chain_id = {chain_id:UInt64} AND block_number <= {as_of_block:UInt64} AND amount > 0 AND kind != 'fee'
                AND transaction_hash IN (SELECT transaction_hash FROM taken)
        )
        GROUP BY transaction_hash, owner
    ),
    unrewarded AS
    (
        SELECT taken.*, approvals.spender AS spender
        FROM taken
        INNER JOIN approvals ON approvals.owner = taken.victim AND approvals.token_address = taken.token_address
        WHERE approvals.spender IN (taken.operator, taken.called, taken.collector)
            AND approvals.approved_block <= taken.block_number
            AND approvals.spender NOT IN (SELECT address FROM known_parties WHERE is_service)
            AND (taken.transaction_hash, taken.victim) NOT IN
            (
                SELECT transaction_hash, owner FROM exchanged
                WHERE got_collectible OR if(lost_usd > 0 AND is_priced, got_usd >= {min_reward:Float64} * lost_usd, got_in_kind)
            )
    ),
    drainers AS
    (
        SELECT
            spender, uniqExact(victim) AS victims, uniqExact(transaction_hash) AS takings, uniqExact(token_address) AS tokens,
            groupUniqArray(victim) AS victim_addresses, groupUniqArray(operator) AS operators,
            groupUniqArray(collector) AS collectors, groupUniqArray(30)(transaction_hash) AS evidence,
            max(spender = operator) AS signs_itself
        FROM unrewarded
        GROUP BY spender
        HAVING victims >= {min_victims:UInt64}
    )
SELECT
    part.1 AS address,
    part.2 AS role,
    1 - 1 / victims AS strength,
    concat(
        multiIf(role = 'victim', 'Lost tokens to', role = 'collector', 'Received what was taken through', 'Took tokens through'),
        ' the approved spender 0x', lower(hex(spender)), ', which emptied ', toString(victims), ' owners of ', toString(tokens),
        ' tokens in ', toString(takings), ' transactions and gave nothing of worth back.'
    ) AS sentence,
    evidence
FROM drainers
ARRAY JOIN arrayConcat(
    arrayMap(a -> (a, 'actor'), operators),
    arrayMap(a -> (a, 'collector'), collectors),
    if(signs_itself, [], [(spender, 'contract')]),
    arrayMap(a -> (a, 'victim'), victim_addresses)) AS part
