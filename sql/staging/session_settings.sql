-- How a session works that writes batches: each is a stream of small statements, and two sessions share the cores.
--
-- Compiled expressions would be compiled anew for every batch, whose version and range stand in them as constants.
SET
    max_threads = 1,
    max_insert_threads = 1,
    compile_expressions = 0,
    output_format_arrow_compression_method = 'none'
