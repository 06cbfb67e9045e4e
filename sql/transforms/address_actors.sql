-- Who each labelled address belongs to: of the labels of one aspect that hold at the same time, the one believed most.
--
-- builds: address_actors
-- grain: chain_id, address, aspect, valid_from
-- scope: history
--
-- Labels count when the store knows them now (known from and to) and for the time in which they are true (valid from and to): an
-- address's time is cut at every such date. The surest label wins, then the source whose name comes first, then category and
-- name, so the answer is always the same. Only rows that change are written; addresses that lost their labels are withdrawn.
INSERT INTO address_actors
    (chain_id, address, aspect, valid_from, valid_to, category, actor, label, source, confidence, contenders, version, is_deleted)
WITH
    fromUnixTimestamp64Nano(toInt64({version:UInt64}), 'UTC') AS known_at,
    stated AS (
        SELECT
            toFixedString(substring(address, 1, 20), 20) AS party,
            transform(CAST(category AS String), {categories:Array(String)}, {aspects:Array(String)}, '') AS aspect,
            arrayDistinct(groupArray(
                (1 - toFloat64(confidence), CAST(source AS String), CAST(category AS String), label, valid_from, valid_to)
            )) AS statements
        FROM labels
        WHERE length(address) = 20 AND has({chain_names:Array(String)}, CAST(chain AS String))
            AND known_from <= known_at AND known_at < known_to AND valid_from < valid_to
        GROUP BY party, aspect
        HAVING aspect != ''
    ),
    spans AS (
        SELECT
            party,
            aspect,
            arraySort(arrayDistinct(arrayFlatten(arrayMap(said -> [said.5, said.6], statements)))) AS dates,
            arrayJoin(arrayPopBack(arrayEnumerate(dates))) AS place,
            dates[place] AS since,
            dates[place + 1] AS until,
            arraySort(arrayFilter(said -> said.5 <= since AND until <= said.6, statements)) AS contenders
        FROM stated
    ),
    decided AS (
        SELECT
            {chain_id:UInt64} AS chain_id,
            party AS address,
            aspect,
            since AS valid_from,
            until AS valid_to,
            contenders[1].3 AS category,
            -- `Binance: Hot Wallet 16`, `Binance 14` and `binance` are one.
            lower(trim(BOTH ' _#-' FROM replaceRegexpAll(
                splitByChar(':', contenders[1].4)[1],
                '(?i)(\\s*\\([^)]*\\)|\\s+((hot|cold|warm|deposit|withdrawal)\\s+)?(wallet|address|deposit)s?\\b|[\\s_#-]+\\d+)+\\s*$', ''
            ))) AS name,
            if(name = '', concat('0x', lower(hex(party))), name) AS actor,
            contenders[1].4 AS label,
            contenders[1].2 AS source,
            1 - contenders[1].1 AS confidence,
            toUInt32(length(contenders)) AS contender_count
        FROM spans
        WHERE notEmpty(contenders)
    ),
    stored AS (SELECT * FROM address_actors WHERE chain_id = {chain_id:UInt64})
SELECT
    chain_id, address, aspect, valid_from, valid_to, category, actor, label, source, confidence, contender_count, {version:UInt64}, 0
FROM decided
WHERE (address, aspect, valid_from, valid_to, category, actor, label, source, confidence, contender_count) NOT IN (
    SELECT
        address, CAST(aspect AS String), valid_from, valid_to, CAST(category AS String), CAST(actor AS String), label,
        CAST(source AS String), confidence, contenders
    FROM stored
)
UNION ALL
SELECT
    chain_id, address, aspect, valid_from, valid_to, category, actor, label, source, confidence, contenders, {version:UInt64}, 1
FROM stored
WHERE (address, CAST(aspect AS String), valid_from) NOT IN (SELECT address, aspect, valid_from FROM decided)
