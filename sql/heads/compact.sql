-- Keep one file of what is known of finality; every change has added one.
ALTER TABLE chain_finality DELETE WHERE 0
