"""The same questions, asked of other libraries."""

import pytest
from gradus_sql import database, table


@pytest.fixture
def library(database):
    """The tables without the rows."""
    database.load("data/library.sql")
    database.run("DELETE FROM loan; DELETE FROM book; DELETE FROM member")
    return database


def test_an_empty_library_has_no_open_loans(library):
    assert library.ask("open-loans.sql") == table("name, title, lent_on")


def test_an_empty_library_has_no_members_to_count(library):
    assert library.ask("loans-per-member.sql") == table("name, loans")


def test_without_loans_every_book_was_never_borrowed(library):
    library.run("INSERT INTO book VALUES (2, 'Apples'), (1, 'Bees')")
    assert library.ask("never-borrowed.sql") == table("title", ("Apples",), ("Bees",))


def test_members_of_the_same_name_are_two_people(library):
    library.run(
        """INSERT INTO member VALUES (1, 'Kim'), (2, 'Kim');
           INSERT INTO book VALUES (1, 'Apples');
           INSERT INTO loan VALUES (1, 1, 1, '2024-05-01', '2024-05-02'), (2, 1, 1, '2024-05-03', NULL),
                                   (3, 2, 1, '2024-05-02', '2024-05-03')"""
    )
    assert library.ask("loans-per-member.sql") == table("name, loans", ("Kim", 2), ("Kim", 1))


def test_a_book_lent_many_times_is_out_once(library):
    library.run(
        """INSERT INTO member VALUES (7, 'Noor');
           INSERT INTO book VALUES (3, 'Bees'), (4, 'Apples');
           INSERT INTO loan VALUES (1, 7, 3, '2024-05-01', '2024-05-02'), (2, 7, 3, '2024-05-03', NULL),
                                   (3, 7, 4, '2024-05-03', NULL)"""
    )
    assert library.ask("open-loans.sql") == table(
        "name, title, lent_on", ("Noor", "Apples", "2024-05-03"), ("Noor", "Bees", "2024-05-03")
    )
    assert library.ask("never-borrowed.sql") == table("title")
