"""The receipt. It stands on prices: if their tests fail, mend those first."""

from till.receipt import Receipt


def test_a_new_receipt_comes_to_nothing():
    assert Receipt().total() == 0


def test_the_total_counts_every_piece():
    receipt = Receipt()
    receipt.add("apple", "0.50", count=3)
    receipt.add("bread", "3.20")
    assert receipt.total() == 470


def test_the_lines_stand_in_columns():
    receipt = Receipt()
    receipt.add("apple", "0.50", count=3)
    receipt.add("bread", "3.20")
    assert receipt.lines() == [
        "apple x 3                 1.50",
        "bread x 1                 3.20",
        "TOTAL                     4.70",
    ]


def test_the_same_article_again_raises_its_count():
    receipt = Receipt()
    receipt.add("apple", "0.50")
    receipt.add("bread", "3.20")
    receipt.add("apple", "0.50", count=2)
    assert receipt.lines()[0] == "apple x 3                 1.50"
    assert len(receipt.lines()) == 3
