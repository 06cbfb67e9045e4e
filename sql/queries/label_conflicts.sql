-- Addresses of which different sources say what cannot both be, at one moment; the surest contradiction first.
--
-- Two categories contradict each other when their families are a pair of {family_a} and {family_b}; a category without a
-- family contradicts nothing. An EVM address is one address on every chain; a text is one on its own chain only.
WITH said AS
(
    SELECT
        address,
        if(length(address) = 20, '', CAST(chain AS String)) AS ledger,
        transform(CAST(category AS String), {categories:Array(String)}, {families:Array(String)}, '') AS family,
        groupUniqArray(CAST(source AS String)) AS sources,
        arraySort(groupUniqArray((CAST(source AS String), CAST(category AS String), label))) AS statements,
        max(toFloat64(confidence)) AS best_confidence
    FROM labels
    WHERE known_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < known_to
        AND valid_from <= toDateTime64({at:String}, 3, 'UTC') AND toDateTime64({at:String}, 3, 'UTC') < valid_to
    GROUP BY address, ledger, family
    HAVING family != ''
)
SELECT
    if(length(one.address) = 20, concat('0x', lower(hex(one.address))), one.address) AS address_shown,
    one.ledger AS chain,
    {reasons:Array(String)}[indexOf(arrayZip({family_a:Array(String)}, {family_b:Array(String)}), (one.family, other.family))] AS conflict,
    arrayMap(said -> concat(said.1, ' says ', said.2, if(said.3 = '', '', concat(' (', said.3, ')'))), one.statements) AS some_say,
    arrayMap(said -> concat(said.1, ' says ', said.2, if(said.3 = '', '', concat(' (', said.3, ')'))), other.statements) AS others_say,
    round(least(one.best_confidence, other.best_confidence), 4) AS confidence
FROM said AS one
INNER JOIN said AS other ON one.address = other.address AND one.ledger = other.ledger
WHERE has(arrayZip({family_a:Array(String)}, {family_b:Array(String)}), (one.family, other.family))
    AND length(arrayDistinct(arrayConcat(one.sources, other.sources))) > 1
ORDER BY indexOf(arrayZip({family_a:Array(String)}, {family_b:Array(String)}), (one.family, other.family)), confidence DESC, chain, address_shown
LIMIT {most:UInt64}
