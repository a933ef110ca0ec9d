from double import double


def test_many():
    assert [double(n) for n in range(9)] == list(range(0, 18, 2))
