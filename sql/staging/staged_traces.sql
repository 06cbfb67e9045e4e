-- Traces of one block a row, as trace_block gives them; lives as long as one batch.
CREATE TEMPORARY TABLE staged_traces
(
    number String,
    traces Array(Tuple(
        blockHash Nullable(String),
        type String,
        action Tuple(
            callType Nullable(String),
            from Nullable(String),
            to Nullable(String),
            value Nullable(String),
            gas Nullable(String),
            input Nullable(String),
            init Nullable(String),
            address Nullable(String),
            balance Nullable(String),
            refundAddress Nullable(String),
            author Nullable(String)
        ),
        error Nullable(String),
        result Tuple(gasUsed Nullable(String), address Nullable(String)),
        traceAddress Array(UInt32),
        transactionHash Nullable(String),
        transactionPosition Nullable(UInt32)
    ))
)
ENGINE = Memory
