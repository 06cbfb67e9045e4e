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
    multiIf({head:UInt64} < height + 5, 'latest', {head:UInt64} < height + 99, 'safe', 'finalized'),
    {version:UInt64}
FROM staged_bitcoin_blocks
