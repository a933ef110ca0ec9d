from greet import greet


def test_two():
    assert greet("Ada") == "Hello, Ada"
