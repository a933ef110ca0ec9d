def test_three_times_a_thousand_is_three_thousand():
    pass
