def test_three_times_two_is_six():
    pass


def test_three_times_nothing_is_nothing():
    pass


def test_three_times_a_thousand_is_three_thousand():
    pass
