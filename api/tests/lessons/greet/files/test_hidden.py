from greet import greet
from words.names import ALL


def test_all():
    assert [greet(n) for n in ALL]
