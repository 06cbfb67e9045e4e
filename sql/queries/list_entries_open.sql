-- Addresses that one list holds now, in hex: they are 20 bytes on EVM chains and text on others.
SELECT DISTINCT hex(address) AS address_hex
FROM list_entries
WHERE known_to = toDateTime64(4294967295, 3, 'UTC')
    AND list_kind = {list_kind:String}
    AND source = {source:String}
