"""Rows to tables to answers: the only place that opens the database."""
