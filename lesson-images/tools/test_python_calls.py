"""Function calls as tests make them, with the real worker: what works as if the module were here, and what is said when not."""

import contextlib
import io
import types
import unittest

from python_calls import Judge, gradus_program

ProgramError = gradus_program.ProgramError

WORDS = """
    import sys

    UNITS = ("cm", "m")

    def count_words(text):
        counts = {}
        for word in text.split():
            counts[word] = counts.get(word, 0) + 1
        return counts

    def given(*arguments, **keywords):
        return arguments, keywords

    def fails(text):
        raise ValueError(f"not a price: {text!r}")

    def leaves(code):
        sys.exit(code)

    def prints(text):
        print(text)
        print("beware", file=sys.stderr)
        sys.stdout.buffer.write("ä\\n".encode())

    def evens():
        number = 0
        while True:
            yield number
            number += 2

    def adder(more):
        return lambda number: number + more

    def clears(values):
        values.clear()

    async def later():
        return 5
"""

SHOP = """
    from collections import Counter, namedtuple
    from till.money import Price, TooDear

    class Receipt:
        VAT = 20

        def __init__(self, *names):
            self.names = list(names)

        def add(self, name, count=1):
            self.names += [name] * count
            return self

        def __len__(self):
            return len(self.names)

        def __str__(self):
            return ", ".join(self.names)

        def __repr__(self):
            return f"Receipt({self})"

        def __iter__(self):
            return iter(self.names)

        def __getitem__(self, index):
            return self.names[index]

        def __eq__(self, other):
            return True

        @classmethod
        def of_one(cls, name):
            return cls(name)

        @property
        def first(self):
            return self.names[0]

    def total(receipt):
        return len(receipt) * Receipt.VAT

    Line = namedtuple("Line", "name cents")

    def line():
        return Line("tea", 200)

    def counter():
        return Counter("aab")

    def buy(cents):
        if cents > 100:
            raise TooDear("far too dear", cents, over=cents - 100)
"""

MONEY = """
    class Price(int):
        def __eq__(self, other):
            return True
        __hash__ = int.__hash__

    class Dear(ValueError):
        pass

    class TooDear(Dear):
        def __init__(self, text, cents, over):
            super().__init__(text, cents)
            self.over = over

        def __str__(self):
            return f"{self.args[0]}: {self.over} over"
"""


class Functions(unittest.TestCase):
    def setUp(self):
        self.judge = self.enterContext(Judge({"wordcount.py": WORDS}))
        self.words = self.judge.load("wordcount")

    def test_data_goes_and_comes_as_it_is(self):
        from wordcount import UNITS, count_words, given

        self.assertEqual(count_words("tea milk tea"), {"tea": 2, "milk": 1})
        self.assertEqual(UNITS, ("cm", "m"))
        fixed = types.MappingProxyType({"a": 1})
        sent = (1, 1.0, True, None, "tea", b"\0", (1, [2]), {3}, frozenset([4]), {(5, "x"): [6]}, 2**80, fixed)
        self.assertEqual(repr(given(*sent, key=[()])), repr((sent, {"key": [()]})))

    def test_what_is_not_there_cannot_be_imported(self):
        with self.assertRaisesRegex(ImportError, "cannot import name 'absent' from 'wordcount'"):
            from wordcount import absent  # noqa: F401

    def test_a_star_gives_the_public_names(self):
        names = {}
        exec("from wordcount import *", names)
        self.assertEqual(names["count_words"]("tea"), {"tea": 1})

    def test_an_exception_is_the_built_in_one_with_the_learners_steps(self):
        with self.assertRaisesRegex(ValueError, "^not a price: 'free'$") as caught:
            self.words.fails("free")
        self.assertIs(type(caught.exception), ValueError)
        (steps,) = caught.exception.__notes__
        self.assertRegex(steps, r"^  wordcount.py, line \d+, in fails: raise ValueError")
        with self.assertRaisesRegex(TypeError, "missing 1 required positional argument: 'text'"):
            self.words.count_words()

    def test_what_is_printed_is_printed_here(self):
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
            self.words.prints("looking at tea")
        self.assertEqual((out.getvalue(), err.getvalue()), ("looking at tea\nä\n", "beware\n"))

    def test_generators_and_functions_stay_there_and_can_be_used(self):
        evens = self.words.evens()
        self.assertEqual([next(evens), next(evens), next(evens)], [0, 2, 4])
        self.assertEqual(self.words.adder(5)(6), 11)
        self.assertNotEqual(self.words.later(), 5)

    def test_the_tests_own_values_are_never_changed(self):
        mine = [1, 2]
        self.words.clears(mine)
        self.assertEqual(mine, [1, 2])
        for fixed in ((1, 2), types.MappingProxyType({1: 2}), frozenset([1])):
            with self.assertRaises(AttributeError):
                self.words.clears(fixed)

    def test_what_cannot_be_given_is_said(self):
        for value, words in ((len, "a function"), ([lambda: 1], "a function"), (object(), "a object"), (1j, "a complex")):
            with self.assertRaisesRegex(ProgramError, f"a test cannot give {words}"):
                self.words.given(value)
        self.assertEqual(self.words.count_words("tea"), {"tea": 1})

    def test_a_program_that_ends_is_started_anew_for_the_next_call(self):
        from wordcount import count_words, leaves

        with self.assertRaisesRegex(ProgramError, "your program raised SystemExit: 3"):
            leaves(3)
        self.judge.program.child.kill()
        with self.assertRaisesRegex(ProgramError, r"your program ended while .*: killed by signal 9 \(SIGKILL\)"):
            count_words("tea")
        self.assertEqual(count_words("tea"), {"tea": 1})


class Objects(unittest.TestCase):
    def setUp(self):
        modules = {"till/__init__.py": "", "till/receipt.py": SHOP, "till/money.py": MONEY}
        self.judge = self.enterContext(Judge(modules))
        self.shop, self.money = self.judge.load("till.receipt"), self.judge.load("till.money")

    def test_an_object_is_used_as_if_it_were_here(self):
        Receipt = self.shop.Receipt
        receipt = Receipt("tea")
        receipt.add("milk", count=2)
        self.assertEqual((len(receipt), str(receipt), repr(receipt)), (3, "tea, milk, milk", "Receipt(tea, milk, milk)"))
        self.assertEqual((list(receipt), receipt[1], "tea" in receipt), (["tea", "milk", "milk"], "milk", True))
        self.assertEqual((receipt.first, receipt.names, Receipt.VAT), ("tea", ["tea", "milk", "milk"], 20))
        self.assertEqual(self.shop.total(receipt), 60)
        self.assertEqual(Receipt.of_one("jam").first, "jam")
        receipt.names = ["ink"]
        self.assertEqual(receipt.first, "ink")
        self.assertTrue(isinstance(receipt, Receipt) and not isinstance(5, Receipt))

    def test_the_learners_comparison_is_never_asked(self):
        receipt, other = self.shop.Receipt(), self.shop.Receipt()
        self.assertIs(receipt.add("tea"), receipt)
        self.assertTrue(receipt == receipt and receipt != other and receipt != 5 and 5 != receipt and receipt not in [other, {}])
        price = self.money.Price(5)
        self.assertTrue(price == 5 and price != 6 and 6 != price)

    def test_a_kind_of_a_built_in_type_compares_by_what_it_holds(self):
        self.assertTrue(self.shop.line() == ("tea", 200) and self.shop.line() != ("tea", 201))
        self.assertEqual(self.shop.line().cents, 200)
        self.assertTrue(self.shop.counter() == {"a": 2, "b": 1} and self.shop.counter() != {"a": 2})
        self.assertEqual(self.shop.counter().most_common(1), [("a", 2)])

    def test_an_exception_of_the_learners_is_a_class_here_too(self):
        with self.assertRaisesRegex(self.money.Dear, "^far too dear: 50 over$") as caught:
            self.shop.buy(150)
        self.assertIsInstance(caught.exception, self.money.TooDear)
        self.assertIsInstance(caught.exception, ValueError)
        self.assertEqual((caught.exception.over, caught.exception.args), (50, ("far too dear", 150)))

    def test_an_object_is_gone_with_its_program_and_its_class_is_not(self):
        Receipt, TooDear = self.shop.Receipt, self.shop.TooDear
        receipt = Receipt("tea")
        self.judge.program.kill()
        with self.assertRaisesRegex(ProgramError, "the Receipt object is gone: your program ended since it was made"):
            receipt.first  # noqa: B018
        self.assertEqual(Receipt("ink").first, "ink")
        with self.assertRaises(TooDear):
            self.shop.buy(150)


class Importing(unittest.TestCase):
    def test_what_goes_wrong_when_the_file_is_loaded_is_told(self):
        rows = {
            "import nothing_like_it": (ModuleNotFoundError, "No module named 'nothing_like_it'"),
            "def broken(:": (SyntaxError, "invalid syntax"),
            "1 / 0": (ZeroDivisionError, "division by zero"),
            "import os; os._exit(0)": (ProgramError, "your program ended while wordcount was imported: exit code 0"),
            "raise SystemExit": (ProgramError, "your program raised SystemExit"),
        }
        for source, (kind, words) in rows.items():
            with self.subTest(source), Judge({"wordcount.py": source}) as judge, self.assertRaisesRegex(kind, words):
                judge.load("wordcount")


if __name__ == "__main__":
    unittest.main()
