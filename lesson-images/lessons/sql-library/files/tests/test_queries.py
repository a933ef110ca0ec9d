"""The three questions, asked of data/library.sql."""

from gradus_sql import database, table


def test_open_loans_shows_every_book_that_is_out(database):
    database.load("data/library.sql")
    assert database.ask("open-loans.sql") == table(
        "name, title, lent_on",
        ("Chen", "Every Knot You Need", "2024-02-12"),
        ("Emil", "Frost on the Line", "2024-02-20"),
        ("Emil", "A Field Guide to Moss", "2024-03-04"),
        ("Amina", "Bridges and How They Stand", "2024-03-04"),
    )


def test_open_loans_leaves_out_what_came_back(database):
    database.load("data/library.sql")
    database.run("UPDATE loan SET returned_on = '2024-04-01' WHERE id <> 5")
    assert database.ask("open-loans.sql") == table(
        "name, title, lent_on",
        ("Amina", "Bridges and How They Stand", "2024-03-04"),
    )


def test_loans_per_member_counts_each_member(database):
    database.load("data/library.sql")
    assert database.ask("loans-per-member.sql") == table(
        "name, loans",
        ("Amina", 3),
        ("Chen", 2),
        ("Emil", 2),
        ("Boris", 1),
        ("Dalia", 0),
    )


def test_loans_per_member_knows_zero(database):
    database.load("data/library.sql")
    database.run("DELETE FROM loan; DELETE FROM member WHERE id > 2")
    assert database.ask("loans-per-member.sql") == table("name, loans", ("Amina", 0), ("Boris", 0))


def test_never_borrowed_lists_books_without_a_loan(database):
    database.load("data/library.sql")
    assert database.ask("never-borrowed.sql") == table("title", ("Cooking for One",), ("Gears",))


def test_never_borrowed_counts_loans_that_came_back(database):
    database.load("data/library.sql")
    database.run("DELETE FROM loan WHERE returned_on IS NULL")
    assert database.ask("never-borrowed.sql") == table(
        "title",
        ("Bridges and How They Stand",),
        ("Cooking for One",),
        ("Every Knot You Need",),
        ("Frost on the Line",),
        ("Gears",),
    )
