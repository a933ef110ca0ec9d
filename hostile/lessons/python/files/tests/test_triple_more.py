# @HIDDEN_MARKER@
from solution import triple


def test_three_times_a_thousand_is_three_thousand():
    assert triple(1000) == 3000, "@HIDDEN_MARKER@"
