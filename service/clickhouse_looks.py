"""How an analyst may have answers look at the ClickHouse door: formats, and settings of them. What is not named is refused.

Some formats reach elsewhere (AvroConfluent posts its schema to an address in a setting, Template reads a file), and so do some
settings of formats. Every one that the engine has is decided here; a test holds the lists against `system.formats` and
`system.settings`, so that one a new engine brings is refused until somebody has looked at it.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


FORMATS = frozenset(form.lower() for form in _words(
    "TabSeparated TabSeparatedWithNames TabSeparatedWithNamesAndTypes TabSeparatedRaw TabSeparatedRawWithNames "
    "TabSeparatedRawWithNamesAndTypes TSV TSVWithNames TSVWithNamesAndTypes TSVRaw TSVRawWithNames TSVRawWithNamesAndTypes "
    "Raw RawWithNames RawWithNamesAndTypes TSKV CSV CSVWithNames CSVWithNamesAndTypes CustomSeparated "
    "CustomSeparatedWithNames CustomSeparatedWithNamesAndTypes HiveText LineAsString LineAsStringWithNames "
    "LineAsStringWithNamesAndTypes Values SQLInsert XML Markdown MD Vertical Null Hash Prometheus RawBLOB "
    "JSON JSONStrings JSONColumns JSONColumnsWithMetadata JSONCompact JSONCompactStrings JSONCompactColumns JSONEachRow "
    "JSONLines JSONL NDJSON PrettyJSONEachRow PrettyJSONLines PrettyNDJSON JSONEachRowWithProgress JSONStringsEachRow "
    "JSONStringsEachRowWithProgress JSONCompactEachRow JSONCompactEachRowWithNames JSONCompactEachRowWithNamesAndTypes "
    "JSONCompactEachRowWithProgress JSONCompactStringsEachRow JSONCompactStringsEachRowWithNames "
    "JSONCompactStringsEachRowWithNamesAndTypes JSONCompactStringsEachRowWithProgress JSONObjectEachRow BSONEachRow "
    "Pretty PrettyNoEscapes PrettyMonoBlock PrettyNoEscapesMonoBlock PrettyCompact PrettyCompactNoEscapes "
    "PrettyCompactMonoBlock PrettyCompactNoEscapesMonoBlock PrettySpace PrettySpaceNoEscapes PrettySpaceMonoBlock "
    "PrettySpaceNoEscapesMonoBlock RowBinary RowBinaryWithNames RowBinaryWithNamesAndTypes Native Buffers "
    "Parquet Arrow ArrowStream ORC Avro MsgPack Npy"
))  # fmt: skip
"""In lower case: the engine does not tell capitals."""

REFUSED_FORMATS = {
    "posts to the address of a registry": "AvroConfluent",
    "reads a file that describes it": "Template CapnProto Protobuf ProtobufSingle ProtobufList",
    "is for programs of other databases": "MySQLWire PostgreSQLWire ODBCDriver2",
    "is no table": "PNG GeoJSON",
}
"""Why each other format of the engine is not for analysts."""

FREE = _words(
    # Of the answer as a whole
    "extremes join_use_nulls session_timezone use_client_time_zone prefer_column_name_to_alias final "
    "do_not_merge_across_partitions_select_final log_comment cast_keep_nullable decimal_check_overflow "
    "aggregate_functions_null_for_empty transform_null_in limit offset union_default_mode "
    "any_join_distinct_right_table_keys low_cardinality_allow_in_native_format count_distinct_implementation "
    "result_overflow_mode "
    # Of numbers and times
    "date_time_output_format date_time_64_output_format_cut_trailing_zeros_align_to_groups_of_thousands "
    "date_time_overflow_behavior output_format_decimal_trailing_zeros output_format_float_precision "
    "output_format_always_write_decimal_point_in_float_and_decimal output_format_trim_fixed_string "
    "formatdatetime_f_prints_single_zero formatdatetime_f_prints_scale_number_of_digits "
    "formatdatetime_parsedatetime_m_is_month_name formatdatetime_format_without_leading_zeros "
    "formatdatetime_e_with_space_padding "
    # Of text
    "format_csv_delimiter format_csv_null_representation format_tsv_null_representation "
    "output_format_csv_crlf_end_of_line output_format_tsv_crlf_end_of_line "
    "output_format_csv_serialize_tuple_into_separate_columns output_format_csv_header_serialize_tuple_into_separate_columns "
    "format_hive_text_rows_delimiter format_custom_escaping_rule format_custom_field_delimiter "
    "format_custom_row_before_delimiter format_custom_row_after_delimiter format_custom_row_between_delimiter "
    "format_custom_result_before_delimiter format_custom_result_after_delimiter output_format_markdown_escape_special_characters "
    "output_format_values_escape_quote_with_quote output_format_sql_insert_max_batch_size "
    "output_format_sql_insert_table_name output_format_sql_insert_include_column_names output_format_sql_insert_use_replace "
    "output_format_sql_insert_quote_names output_format_write_statistics "
    # Of JSON
    "output_format_json_quote_64bit_integers output_format_json_quote_denormals output_format_json_quote_decimals "
    "output_format_json_quote_64bit_floats output_format_json_escape_forward_slashes output_format_json_named_tuples_as_objects "
    "output_format_json_skip_null_value_in_named_tuples output_format_json_array_of_rows output_format_json_validate_utf8 "
    "output_format_json_pretty_print output_format_json_map_as_array_of_tuples "
    "format_json_object_each_row_column_for_object_name output_format_bson_string_as_string "
    # Of what people read
    "output_format_pretty_max_rows output_format_pretty_max_column_pad_width output_format_pretty_max_column_name_width_cut_to "
    "output_format_pretty_max_column_name_width_min_chars_to_cut output_format_pretty_max_value_width "
    "output_format_pretty_max_value_width_apply_for_single_value output_format_pretty_squash_consecutive_ms "
    "output_format_pretty_squash_max_wait_ms output_format_pretty_color output_format_pretty_glue_chunks "
    "output_format_pretty_grid_charset output_format_pretty_display_footer_column_names "
    "output_format_pretty_display_footer_column_names_min_rows output_format_pretty_row_numbers "
    "output_format_pretty_use_nbsp_for_padding output_format_pretty_highlight_digit_groups "
    "output_format_pretty_single_large_number_tip_threshold output_format_pretty_highlight_trailing_spaces "
    "output_format_pretty_multiline_fields output_format_pretty_fallback_to_vertical "
    "output_format_pretty_fallback_to_vertical_max_rows_per_chunk output_format_pretty_fallback_to_vertical_min_table_width "
    "output_format_pretty_fallback_to_vertical_min_columns output_format_pretty_named_tuples_as_json "
    # Of what programs read
    "output_format_native_encode_types_in_binary_format output_format_native_write_json_as_string "
    "output_format_native_use_flattened_dynamic_and_json_serialization output_format_binary_encode_types_in_binary_format "
    "output_format_binary_write_json_as_string output_format_msgpack_uuid_representation "
    "output_format_arrow_low_cardinality_as_dictionary output_format_arrow_use_signed_indexes_for_dictionary "
    "output_format_arrow_use_64_bit_indexes_for_dictionary output_format_arrow_string_as_string "
    "output_format_arrow_fixed_string_as_fixed_byte_array output_format_arrow_compression_method "
    "output_format_arrow_date_as_uint16 output_format_arrow_uuid_as_fixed_byte_array output_format_arrow_variant_as_string "
    "output_format_arrow_unsupported_types_as_binary "
    "output_format_parquet_string_as_string output_format_parquet_fixed_string_as_fixed_byte_array "
    "output_format_parquet_wide_integer_as_decimal output_format_parquet_compression_method "
    "output_format_parquet_datetime_as_uint32 output_format_parquet_date_as_uint16 output_format_parquet_enum_as_byte_array "
    "output_format_parquet_unsupported_types_as_binary output_format_parquet_version "
    "output_format_parquet_compliant_nested_types "
    "output_format_orc_string_as_string output_format_orc_compression_method output_format_avro_codec "
    "output_format_avro_string_column_pattern"
)
"""Settings of a request that change how an answer looks, never what it may cost or reach."""

REFUSED_SETTINGS = {
    "names an address, a file or a scheme": "format_avro_schema_registry_* output_format_avro_confluent_subject format_schema* "
    "output_format_schema format_template_* format_capn_proto_* format_protobuf_* output_format_protobuf_*",
    "tells what is hidden": "format_display_secrets_in_show_and_select",
    "sets what an answer costs": "output_format_parallel_formatting output_format_compression_* "
    "output_format_parquet_row_group_size* output_format_parquet_parallel_encoding output_format_parquet_data_page_size "
    "output_format_parquet_batch_size output_format_parquet_max_dictionary_size output_format_parquet_write_* "
    "output_format_parquet_bloom_filter_* output_format_parquet_use_custom_encoder output_format_arrow_parallel_encoding "
    "output_format_arrow_record_batch_size* output_format_arrow_use_native_writer output_format_orc_row_index_stride "
    "output_format_orc_dictionary_key_size_threshold output_format_orc_compression_block_size output_format_avro_sync_interval "
    "output_format_avro_rows_in_file output_format_enable_streaming output_format_image_*",
    "is about what is read, not answered": "date_time_input_format format_csv_allow_* format_binary_max_* format_regexp* "
    "format_geojson_*",
    "is for nobody's format here": "format output_format output_format_orc_writer_time_zone_name "
    "output_format_parquet_geometadata",
}
"""Why each other setting of formats is not for analysts; a star stands for any ending."""
