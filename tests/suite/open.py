"""Reads a table of rollcall with deltalake and with DuckDB; prints the same sums of both."""

import sys

import deltalake
import duckdb

table = deltalake.DeltaTable(sys.argv[1])
files = table.file_uris()
SUMS = """
    SELECT count(*), sum(seq), sum(part), sum(shard), count(DISTINCT user_name),
           count(source_event_id), sum(length(operation)),
           count(*) FILTER (WHERE outcome = 'success'),
           epoch_us(min(time)), epoch_us(max(time))
    FROM rows
"""
rows = table.to_pyarrow_table()
print(",".join(str(v) for v in duckdb.sql(SUMS).fetchall()[0]))
rows = duckdb.read_parquet(files)
print(",".join(str(v) for v in duckdb.sql(SUMS).fetchall()[0]))

arrow = table.to_pyarrow_table()
for name in arrow.column_names:
    theirs = duckdb.sql(f'SELECT count("{name}") FROM rows').fetchall()[0][0]
    ours = len(arrow) - arrow.column(name).null_count
    assert theirs == ours, (name, theirs, ours)
