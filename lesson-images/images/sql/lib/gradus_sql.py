"""Helps tests of SQL lessons: runs a query file on data of the test's own and compares tables that read as tables.

Each `Database` is one transaction in a schema of its own that is rolled back at the end, so tests neither see each
other nor what the learner has made in psql.
"""

import datetime
import pathlib

import psycopg2
import pytest

# Rows of a table that are shown; a join gone wrong has thousands.
MAX_SHOWN = 20


class Rows:
    """Column names and rows, in order. Equal when both are."""

    def __init__(self, columns, rows):
        self.columns = [name.strip() for name in columns.split(",")] if isinstance(columns, str) else list(columns)
        self.rows = [tuple(plain(value) for value in row) for row in rows]

    def __eq__(self, other):
        return (self.columns, self.rows) == (other.columns, other.rows)

    def __repr__(self):
        cells = [self.columns, *([text(value) for value in row] for row in self.rows[:MAX_SHOWN])]
        widths = [max(len(row[at]) for row in cells) for at in range(len(self.columns))]
        lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in cells]
        lines.insert(1, "-+-".join("-" * width for width in widths))
        count = "1 row" if len(self.rows) == 1 else f"{len(self.rows)} rows"
        return "\n".join([*lines, f"({count}{', the first of them shown' if len(self.rows) > MAX_SHOWN else ''})"])


def table(columns, *rows):
    """What a test expects: table("name, loans", ("Ada", 3), ("Bo", 1))."""
    return Rows(columns, rows)


class Database:
    def __init__(self):
        self.connection = psycopg2.connect("")
        self.cursor = self.connection.cursor()
        self.cursor.execute("CREATE SCHEMA trial; SET search_path TO trial; SET client_min_messages TO error")

    def run(self, sql):
        self.cursor.execute(sql)

    def load(self, path):
        self.run(pathlib.Path(path).read_text())

    def ask(self, path):
        """The rows of the query in a file of the learner's."""
        try:
            self.load(path)
        except FileNotFoundError:
            pytest.fail(f"there is no file {path}", pytrace=False)
        except psycopg2.Error as error:
            pytest.fail(f"PostgreSQL refuses {path}:\n{str(error).strip()}", pytrace=False)
        if self.cursor.description is None:
            pytest.fail(f"{path} holds no query that returns rows", pytrace=False)
        return Rows([column.name for column in self.cursor.description], self.cursor.fetchall())

    def close(self):
        self.connection.rollback()
        self.connection.close()


@pytest.fixture
def database():
    opened = Database()
    yield opened
    opened.close()


def plain(value):
    return value.isoformat() if isinstance(value, datetime.date) else value


def text(value):
    return "∅" if value is None else str(value)
