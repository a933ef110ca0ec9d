"""Values survive the way to a program and back; whatever else comes is refused."""

import collections
import enum
import math
import random
import types
import unittest

import python_calls  # noqa: F401  (where the files under test are)
from gradus_data import MAX_DEPTH, MAX_MESSAGE, PLAIN_INT, DataError, decode, encode, parse

SEED = 4
LEAVES = [
    *(None, True, False, 0, 1, -1, PLAIN_INT, PLAIN_INT + 1, -PLAIN_INT - 1, 10**30, -(7**400)),
    *(0.0, -0.0, 1.0, 0.1, -2.5e-300, 5e-324, 1.7976931348623157e308, math.inf, -math.inf),
    *("", "tea", "\n\t\r\0", '"\\', "ä€😀", "\ud800", "\u2028", "__proto__", b"", b"\0\xff"),
]


def some_value(dice, depth=4):
    if depth == 0 or dice.random() < 0.4:
        return dice.choice(LEAVES)
    inner = [some_value(dice, depth - 1) for _ in range(dice.randrange(4))]
    keys = [dice.choice(LEAVES) for _ in inner]
    kind = dice.randrange(6)
    if kind < 2:
        return (list, tuple)[kind](inner)
    if kind < 4:
        return (set, frozenset)[kind - 2](keys)
    made = dict(zip(keys, inner))
    return made if kind == 4 else types.MappingProxyType(made)


def exactly(value):
    """A picture of a value that keeps apart what Python calls equal: 1 and True, 0.0 and -0.0, nan and itself."""
    kind = type(value).__name__
    if isinstance(value, (dict, types.MappingProxyType)):
        return kind, [(exactly(key), exactly(inner)) for key, inner in value.items()]
    if isinstance(value, (set, frozenset)):
        return kind, sorted((exactly(inner) for inner in value), key=repr)
    if isinstance(value, (list, tuple)):
        return kind, [exactly(inner) for inner in value]
    return kind, repr(value)


class Values(unittest.TestCase):
    def test_what_is_sent_arrives_as_it_was(self):
        dice = random.Random(SEED)
        for value in [*LEAVES, math.nan, *(some_value(dice) for _ in range(3_000))]:
            text = encode(value)
            self.assertTrue(text.isascii() and "\n" not in text, text)
            self.assertEqual(exactly(decode(parse(text))), exactly(value))

    def test_the_order_of_a_dictionary_is_kept(self):
        self.assertEqual(list(decode(parse(encode({"b": 1, "a": 2, 3: 3})))), ["b", "a", 3])

    def test_what_is_no_built_in_data_is_named(self):
        class Text(str):
            __eq__ = lambda *_: True
            __hash__ = str.__hash__

        rows = [object(), Text("tea"), collections.Counter("tea"), enum.IntEnum("Size", "S").S, len, range(3), 1j]
        for value in rows:
            for held in (value, [value], {"key": value}, ((value,),)):
                with self.assertRaisesRegex(DataError, type(value).__name__):
                    encode(held)

    def test_what_is_too_deep_or_too_long_is_refused_on_both_ends(self):
        deep = []
        for _ in range(MAX_DEPTH - 1):
            deep = [deep]
        self.assertEqual(decode(parse(encode(deep))), deep)
        cyclic = []
        cyclic.append(cyclic)
        for value in ([[deep]], cyclic):
            with self.assertRaisesRegex(DataError, "nested"):
                encode(value)
        for text in ('["l",' * 100 + '["l"]' + "]" * 100, "[" * 400_000):
            with self.assertRaises(DataError):
                decode(parse(text))
        with self.assertRaisesRegex(DataError, "more than"):
            encode("x" * MAX_MESSAGE)
        with self.assertRaisesRegex(DataError, "more than"):
            parse(f'"{"x" * MAX_MESSAGE}"')

    def test_a_text_is_one_of_ours_or_an_error(self):
        rows = """
            {} {"a":1} [{}] [] [1] [[]] [null] ["x"] ["l" ["l"]] ["l"],1 1,2 nan NaN Infinity -Infinity 1e999 01 +1 'a' "\\x" tru
            ["n"] ["n","NaN"] ["n","1.0"] ["n","nan",1] ["n",1] ["i"] ["i",5] ["i","5"] ["i","0x20000000000001"] ["i","-"]
            ["i"," 20000000000001"] ["i","2_0000000000001"] ["i","20000000000001G"] ["i","00020000000000001"] ["i","FFFFFFFFFFFFFFFFF"]
            ["b","0"] ["b","0g"] ["b","AB"] ["b","00 ff"] ["b",["l"]] ["d",1] ["d",["l"],1] ["d","a",1,"a",2] ["d",1,1,true,2]
            ["p","a"] ["s",1,1] ["s",["l"]] ["s",["d"]] ["f",0,false] ["s",1.0,1] ["h"] ["h",1] ["L"] ["list",1] ["l",["x"]]
            9007199254740993 -9007199254740993 100000000000000000000 "\ud800 """.split()
        for text in [*rows, "", " ", "[ ", '"\n"', "\0", "1 2", '"a" "b"', "1\n"]:
            with self.subTest(text), self.assertRaises(DataError):
                decode(parse(text))

    def test_a_text_changed_anywhere_is_another_value_or_an_error(self):
        dice = random.Random(SEED)
        alphabet = '[]",:{}0123456789abcdefilnpst-+.eE\\u \n\0ä'
        for _ in range(20_000):
            text = list(encode(some_value(dice)))
            for _ in range(dice.randrange(1, 4)):
                place, how = dice.randrange(len(text) + 1), dice.randrange(3)
                text[place : place + (how > 0)] = dice.choice(alphabet) if how < 2 else ""
            try:
                value = decode(parse("".join(text)))
            except DataError:
                continue
            # It is a value, and one of those that we write.
            self.assertEqual(exactly(decode(parse(encode(value)))), exactly(value))


if __name__ == "__main__":
    unittest.main()
