-- Addresses of one service by name: hot wallets, cold wallets and contracts that labels give to the same owner.
--
-- grain: pair of addresses of the owner that follow each other
WITH
    named AS
    (
        SELECT owner, arraySort(groupArray(address)) AS addresses
        FROM entity_owners
        WHERE owner != '' AND confidence >= {min_confidence:Float64}
            AND address IN (SELECT address FROM addresses WHERE chain_id = {chain_id:UInt64})
        GROUP BY owner
        HAVING length(addresses) >= 2
    )
SELECT
    pair.1 AS left_address,
    pair.2 AS right_address,
    toFixedString('', 20) AS via_address,
    1. AS strength,
    concat('Labels name ', owner, ' as the owner of both.') AS sentence,
    CAST([], 'Array(FixedString(32))') AS evidence
FROM (SELECT owner, arrayJoin(arrayZip(arrayPopBack(addresses), arrayPopFront(addresses))) AS pair FROM named)
