-- Pairs of addresses that some soft heuristic links, for the questions asked of every such pair.
--
-- builds: entity_candidates
-- grain: one row per pair
CREATE OR REPLACE TEMPORARY TABLE entity_candidates
(
    left_address FixedString(20),
    right_address FixedString(20)
)
ENGINE = Memory
