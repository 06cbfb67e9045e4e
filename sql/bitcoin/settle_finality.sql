-- Blocks whose finality is another by now; nothing while the source is behind the store, for it does not know better then.
INSERT INTO bitcoin_blocks
SELECT * REPLACE (
    multiIf(
        block_number <= {finalized:UInt64}, 'finalized', block_number <= {safe:UInt64}, 'safe', 'latest'
    ) AS finality,
    {version:UInt64} AS version
)
FROM (
    SELECT *
    FROM bitcoin_blocks
    WHERE network = {network:String}
        AND finality != multiIf(
            block_number <= {finalized:UInt64}, 'finalized', block_number <= {safe:UInt64}, 'safe', 'latest'
        )
        AND {head:UInt64} >= (
            SELECT max(to_block) FROM bitcoin_audit WHERE network = {network:String} AND state = 'committed'
        )
) AS changed
