"""Asks docs/views.sql's views of DuckDB: a line a view with its number of rows, then, for
each query on stdin (one a line), a line `> query` and its rows as CSV."""

import csv
import re
import sys

import duckdb


def shown(value):
    """A value as rollcall writes it into CSV."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else value


sql = open(sys.argv[1]).read()
connection = duckdb.connect()
# What runs for long would draw a bar among the rows.
connection.execute("SET enable_progress_bar = false")
connection.execute(f"SET VARIABLE rollcall_data = '{sys.argv[2]}'")
connection.execute(sql)
for name in re.findall(r"TEMP VIEW (\w+) AS", sql):
    (count,) = connection.execute(f"SELECT count(*) FROM (SELECT * FROM {name})").fetchone()
    # Every column of the last row, so that nothing is optimised away.
    connection.execute(f"SELECT max(COLUMNS(*)::VARCHAR) FROM {name}").fetchall()
    print(name, count)
writer = csv.writer(sys.stdout, lineterminator="\n")
for query in map(str.strip, sys.stdin):
    print(">", query)
    for row in connection.execute(query).fetchall():
        writer.writerow(map(shown, row))
