"""Exit with 0 where the server of a database URL answers, with 1 where it does not.

The server is asked, not the database: the tests create theirs.
"""

from __future__ import annotations

import sys

import dj_database_url
import MySQLdb
import psycopg


def main(url: str) -> int:
    server = dj_database_url.parse(url)
    where = {"host": server["HOST"], "user": server["USER"], "password": server["PASSWORD"]}
    try:
        if server["ENGINE"].endswith("postgresql"):
            where = {"dbname": "postgres", **{key: value for key, value in where.items() if value}}
            psycopg.connect(port=server["PORT"] or 5432, connect_timeout=5, **where).close()
        else:
            MySQLdb.connect(port=int(server["PORT"] or 3306), connect_timeout=5, **where).close()
    except Exception as error:
        print(str(error).strip().splitlines()[0], file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
