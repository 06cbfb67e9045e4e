-- How many of the staged blocks have traces.
SELECT count() AS traced FROM staged_traces
