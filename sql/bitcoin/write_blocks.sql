-- Headers of a proven batch; run last of its rows.
INSERT INTO bitcoin_blocks (
    network, block_number, block_hash, block_timestamp, previous_hash, merkle_root, header_version, bits, nonce, size,
    weight, transaction_count, reward, finality, version
)
SELECT
    {network:String},
    height,
    toFixedString(unhex(hash), 32),
    toDateTime(time, 'UTC'),
    toFixedString(unhex(ifNull(previousblockhash, '')), 32),
    toFixedString(unhex(merkleroot), 32),
    toInt32(staged_bitcoin_blocks.version),
    reinterpretAsUInt32(reverse(unhex(bits))),
    nonce,
    size,
    weight,
    length(tx),
    arraySum(output -> assumeNotNull(bitcoinToSatoshi(output.value)), tx[1].vout),
    multiIf(height <= {finalized:UInt64}, 'finalized', height <= {safe:UInt64}, 'safe', 'latest'),
    {version:UInt64}
FROM staged_bitcoin_blocks
