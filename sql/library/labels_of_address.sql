-- What sources say of an address.
--
-- question: Who says what about this address, how sure are they, where do they have it from, and does it still hold?
-- tags: labels, wallet
-- param who: Address as 0x…, or the text of another chain's address.
-- column source: Who says so; a list is one source
-- column category: Our category of it
-- column label: Name the source gives
-- column confidence: 0 to 1
-- column holds: 1 while the source says so
-- column uri: Where the source has it from; empty where it does not say
-- column known_from: When this store learned it
-- example: chainsight query run labels_of_address --param who=0x93d8ab708cae43a30bedcf892a0c387bdf8a0af5
WITH
    if(length({who:String}) = 42 AND startsWith(lower({who:String}), '0x'), unhex(substring({who:String}, 3)), {who:String}) AS asked
SELECT source, category, said AS label, confidence, holds, uri, since AS known_from
FROM (
    SELECT
        CAST(labels.source AS String) AS source,
        CAST(labels.category AS String) AS category,
        label AS said,
        round(toFloat64(labels.confidence), 4) AS confidence,
        known_to > now64(3) AND valid_to > now() AS holds,
        labels.uri AS uri,
        known_from AS since
    FROM labels
    WHERE address = asked
    UNION ALL
    SELECT
        CAST(list_kind AS String), 'sanctioned', name, 1., known_to > now64(3) AND valid_to > now(), list_entries.source, known_from
    FROM list_entries
    WHERE address = asked
)
ORDER BY holds DESC, confidence DESC, source, label
