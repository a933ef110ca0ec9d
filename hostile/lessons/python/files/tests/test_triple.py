from solution import triple


def test_three_times_two_is_six():
    assert triple(2) == 6


def test_three_times_nothing_is_nothing():
    assert triple(0) == 0
