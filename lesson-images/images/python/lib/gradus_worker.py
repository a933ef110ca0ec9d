"""The learner's end of function calls: imports their modules and does what a test asks, one request and one answer at a time.

It shares a process with the learner's code and so holds nothing worth taking: no expected value, no secret, no channel that
is trusted. All a program can do here is to give an answer, right or wrong, or none; the other end
(gradus_program.py) believes nothing else.

A request is `[id, action, …]`, an answer `[id, "value", value]`, `[id, "raised", class, arguments, attributes, text, steps]` or
`[id, "refused", why]`; between them `["out", text]` and `["err", text]` tell what is printed. All are lines.
"""

import builtins
import codecs
import io
import operator
import os
import sys
import types

import gradus_data
from gradus_data import DataError, decode, encode, name_of, quote

# Characters of an exception's text, and steps of its traceback at each end: it is to be read by people.
MAX_TEXT = 4_000
SHOWN_STEPS = 5
# Objects that a test may have in its hands at once.
MAX_HANDLES = 100_000
# Where Debian keeps what a lesson's image installs for everyone; -S leaves it out.
PACKAGES = "/usr/lib/python3/dist-packages"

# How to read what a value of a built-in type holds when its class is another that stands on this one.
HELD = {
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list(list.__iter__(value)),
    tuple: lambda value: tuple(tuple.__iter__(value)),
    str: lambda value: str.__getitem__(value, slice(None)),
    int: int.__index__,
    float: float.__float__,
    bytes: lambda value: bytes.__getitem__(value, slice(None)),
    set: lambda value: set(set.__iter__(value)),
    frozenset: lambda value: frozenset(frozenset.__iter__(value)),
}


def run():
    requests, answers = take_streams()
    sys.stdout = printing("out", answers)
    sys.stderr = printing("err", answers)
    give_builtins()
    sys.path.append(PACKAGES)
    worker = Worker(sys.stdout, sys.stderr)
    for line in requests:
        answers.write(worker.answer(line[:-1].decode()))
    # Whoever asked is gone. Threads of the learner's could keep us for ever.
    os._exit(0)


def take_streams():
    """Our own descriptors, before any code of the learner's runs: what a program reads and prints is not the protocol."""
    requests = open(os.dup(0), "rb")
    answers = Lines(os.dup(1))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return requests, answers


class Lines:
    """One line per message. Nothing is held back."""

    def __init__(self, descriptor):
        self.descriptor = descriptor

    def write(self, text):
        left = memoryview(text.encode() + b"\n")
        while left:
            left = left[os.write(self.descriptor, left) :]


class Printed(io.RawIOBase):
    def __init__(self, stream, answers):
        self.stream, self.answers = stream, answers
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def writable(self):
        return True

    def write(self, data):
        text = self.decoder.decode(bytes(data))
        if text:
            self.answers.write(f'["{self.stream}",{quote(text)}]')
        return len(data)


def printing(stream, answers):
    return io.TextIOWrapper(io.BufferedWriter(Printed(stream, answers)), encoding="utf-8", line_buffering=True)


def give_builtins():
    """What a program has without importing anything, and site would have given it."""
    import _sitebuiltins

    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D")


class Worker:
    def __init__(self, *printed):
        self.printed = printed
        self.objects = []
        # id() → place in `objects`, which keeps each alive, so that no id is used anew.
        self.numbers = {}

    def answer(self, line):
        number, action, *parts = gradus_data.parse(line)
        try:
            arguments = [decode(part, self.object) for part in parts]
            answer = f'"value",{ACTIONS[action](self, *arguments)}'
        except DataError as error:
            answer = f'"refused",{quote(str(error))}'
        except BaseException as error:
            answer = f'"raised",{self.raised(error)}'
        for stream in self.printed:
            stream.flush()
        return f"[{quote(number)},{answer}]"

    def object(self, number, *_):
        return self.objects[number]

    # Actions.

    def load(self, folder, name):
        path = os.path.abspath(folder)
        if path not in sys.path:
            sys.path.insert(0, path)
        __import__(name)
        return self.value(sys.modules[name])

    def call(self, function, arguments, keywords):
        return self.value(function(*arguments, **keywords))

    def call_method(self, owner, name, arguments, keywords):
        return self.value(getattr(owner, name)(*arguments, **keywords))

    def read(self, owner, name):
        value = getattr(owner, name)
        # A new object at each reading; the owner and the name are as good.
        return '["h","method"]' if is_method(value) else self.value(value)

    # What goes back.

    def value(self, value):
        return encode(value, self.handle)

    def handle(self, value):
        kind = type(value)
        if isinstance(value, type) and issubclass(value, BaseException):
            return f'["h",{exception_class(value)}]'
        if isinstance(value, types.ModuleType):
            what, name = "module", value.__name__
        elif isinstance(value, type):
            what, name = "class", name_of(value)
        elif callable(value):
            what, name = "function", getattr(value, "__name__", name_of(kind))
        else:
            what, name = "object", name_of(kind)
        return f'["h","{what}",{self.number(value)},{quote(str(name)[:MAX_TEXT])},{self.plain(value)}]'

    def number(self, value):
        number = self.numbers.setdefault(id(value), len(self.objects))
        if number == len(self.objects):
            if number == MAX_HANDLES:
                raise DataError(f"more than {MAX_HANDLES} objects are in use")
            self.objects.append(value)
        return number

    def plain(self, value):
        """What an object holds whose class stands on dict, str, tuple, …, past any method of its own: `[]`, or `[data]`."""
        for base, exactly in HELD.items():
            if isinstance(value, base):
                return f"[{encode(exactly(value), self.handle)}]"
        return "[]"

    def raised(self, error):
        try:
            text = str(error)[:MAX_TEXT]
        except BaseException:
            text = "(an exception that cannot be told)"
        arguments = self.data_or_nothing(tuple(error.args))
        attributes = self.data_or_nothing(dict(vars(error)))
        steps = quote("\n".join(shortened(list(steps_of(error)))))
        return f"{exception_class(type(error))},{arguments},{attributes},{quote(text)},{steps}"

    def data_or_nothing(self, value):
        try:
            return encode(value)
        except DataError:
            return "null"


def is_method(value):
    return isinstance(value, (types.MethodType, types.BuiltinMethodType, types.MethodWrapperType))


def does(function):
    return lambda worker, *arguments: worker.value(function(*arguments))


ACTIONS = {
    "load": Worker.load,
    "call": Worker.call,
    "call_method": Worker.call_method,
    "read": Worker.read,
    "write": does(setattr),
    "length": does(len),
    "text": does(str),
    "repr": does(repr),
    "truth": does(bool),
    "iterate": does(iter),
    "next": does(next),
    "item": does(operator.getitem),
    "set_item": does(operator.setitem),
    "instance": does(isinstance),
    "contains": does(operator.contains),
    "names": does(lambda module: list(getattr(module, "__all__", None) or public(module))),
}


def public(module):
    return [name for name in vars(module) if not name.startswith("_")]


def exception_class(kind):
    """`["class", module, name, base]`, down to the built-in one, which is its name."""
    if kind.__module__ == "builtins" and getattr(builtins, kind.__name__, None) is kind:
        return quote(kind.__name__)
    bases = [base for base in kind.__bases__ if issubclass(base, BaseException)]
    return f'["class",{quote(str(kind.__module__))},{quote(kind.__qualname__)},{exception_class(bases[0])}]'


def steps_of(error):
    """The steps through the learner's own files, outermost first."""
    here = os.getcwd() + os.sep
    step = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        path = os.path.abspath(code.co_filename)
        if path.startswith(here):
            name = path.removeprefix(here)
            yield f"  {name}, line {step.tb_lineno}, in {code.co_name}: {source_line(path, step.tb_lineno)}"
        step = step.tb_next


def source_line(path, number):
    try:
        with open(path, encoding="utf-8") as file:
            return next(line.strip() for place, line in enumerate(file, start=1) if place == number)
    except (OSError, ValueError, StopIteration):
        return ""


def shortened(steps):
    left_out = len(steps) - 2 * SHOWN_STEPS
    if left_out > 1:
        steps[SHOWN_STEPS:-SHOWN_STEPS] = [f"  … {left_out} steps more …"]
    return steps
