"""Counts the rows of every view of docs/views.sql with DuckDB: a line a view."""

import re
import sys

import duckdb

sql = open(sys.argv[1]).read()
connection = duckdb.connect()
connection.execute(f"SET VARIABLE rollcall_data = '{sys.argv[2]}'")
connection.execute(sql)
for name in re.findall(r"TEMP VIEW (\w+) AS", sql):
    (count,) = connection.execute(f"SELECT count(*) FROM (SELECT * FROM {name})").fetchone()
    # Every column of the last row, so that nothing is optimised away.
    connection.execute(f"SELECT max(COLUMNS(*)::VARCHAR) FROM {name}").fetchall()
    print(name, count)
