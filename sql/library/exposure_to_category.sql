-- Who is exposed to a category of counterparties.
--
-- question: Which addresses took native coin from, or gave it to, addresses of a category (mixer, sanctioned,
--   phishing …), directly or over one address in between, how much, and what share of all they moved is that?
-- tags: risk, exposure
-- param category: Category of the counterparties. [default mixer]
-- param direction: in: took from them; out: gave to them. [default in]
-- column wallet: Exposed address
-- column hops: 1: directly; 2: over one address in between
-- column quantity [coins]: Native coin
-- column amount [smallest units]: The same, exact
-- column share: Part of all native coin the address moved in that direction, 0 to 1
-- column counterparties: Exposing addresses, or those in between
-- column example_name: Name of the exposing address with the largest amount
-- column example_address: That address
-- chart: wallet, quantity
-- example: chainsight query run exposure_to_category --param category=sanctioned
SELECT
    concat('0x', lower(hex(address))) AS wallet,
    hops,
    toFloat64(native_amount) / 1e18 AS quantity,
    native_amount AS amount,
    share,
    counterparties,
    example_name,
    concat('0x', lower(hex(exposures.example_address))) AS example_address
FROM exposures
WHERE chain_id = {chain_id:UInt64} AND category = {category:String} AND direction = {direction:String}
ORDER BY hops, native_amount DESC, wallet
LIMIT {most:UInt64}
