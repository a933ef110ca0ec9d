"""What a test has in its hands where the learner's module would be: modules, functions, classes, objects and exceptions that
live in another process. Data arrives as data; everything else stays there, and here stands a name for it.

A stand-in for `till/receipt.py` consists of these lines, at that very place:

    import gradus_stand_in
    gradus_stand_in.take_place(__name__, "till/receipt.py")

Nothing here ever compares by a method of the learner's: a stand-in is equal to itself alone, or, where its class stands on a
built-in type, to the data that it holds.
"""

import atexit
import builtins
import sys
import types

from gradus_data import DataError, decode, encode
from gradus_program import Program, ProgramError

# Elements that are taken from one iterator: `list()` of one without end is to end all the same.
MAX_ELEMENTS = 10_000
# Characters of a name that the program gives to one of its classes.
MAX_NAME = 200

# What a program may raise in a test: not what ends test runs (SystemExit, KeyboardInterrupt), nor any runner's own.
EXCEPTIONS = {
    name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)
}

program = Program()
atexit.register(program.kill)


def take_place(name, path):
    """Makes the module `name`, which is being imported from `path`, stand for the learner's of the same path."""
    module = sys.modules[name]
    depth = name.count(".") + 1 + path.endswith("/__init__.py")
    folder = "/".join(path.split("/")[:-depth]) or "."
    module.__class__ = Module
    vars(module)["_remote"] = loaded(name, folder)


def loaded(name, folder):
    found = ask(f"{name} was imported", "load", encode(folder), encode(name))
    if not isinstance(found, Remote):
        raise ProgramError(f"your program has something else in the place of its module {name}")
    settle(found, origin=lambda: loaded(name, folder))
    return found


class Module(types.ModuleType):
    """The module itself, for `import`. It must not look different to whoever looks for files and loaders."""

    def __getattr__(self, name):
        remote = vars(self)["_remote"]
        if name == "__all__":
            return ask("its names were asked for", "names", place(remote))
        return read(remote, name)

    def __setattr__(self, name, value):
        # What Python itself notes at modules: the names of those below them, when they are imported.
        if name.startswith("__") or isinstance(value, types.ModuleType):
            super().__setattr__(name, value)
        else:
            write(vars(self)["_remote"], name, value)


def ask(doing, action, *parts):
    answer = program.ask(doing, action, *parts)
    try:
        what, *rest = answer
        if what == "value" and len(rest) == 1:
            # As an element of something, a method is nothing that was asked for.
            return METHOD if rest[0] == ["h", "method"] and action == "read" else decode(rest[0], handle)
        if what == "refused" and len(rest) == 1 and type(rest[0]) is str:
            raise ProgramError(f"{rest[0]} (came up while {doing})")
        if what != "raised" or len(rest) != 5:
            raise DataError("no answer")
        error = exception(*rest)
    except DataError as why:
        program.kill()
        raise ProgramError(f"your program broke the test connection while {doing}: {why}") from None
    raise error


# Objects.


class Remote:
    """An object of the program's. Its parts are in `__dict__`-less slots, so that every other name is the program's."""

    __slots__ = ("_elements", "_generation", "_held", "_kind", "_name", "_number", "_origin", "__weakref__")

    def __getattr__(self, name):
        return read(self, name)

    def __setattr__(self, name, value):
        write(self, name, value)

    def __eq__(self, other):
        held = slot(self, "_held")
        if held and type(other) in HELD:
            return held[0] == other
        return self is other

    def __hash__(self):
        held = slot(self, "_held")
        return hash(held[0]) if held else object.__hash__(self)

    def __len__(self):
        return exactly(int, ask(f"len() of {self!r} was asked for", "length", place(self)))

    def __bool__(self):
        return exactly(bool, ask(f"{label(self)} was asked whether it is true", "truth", place(self)))

    def __str__(self):
        return exactly(str, ask(f"the text of {label(self)} was asked for", "text", place(self)))

    def __repr__(self):
        try:
            return exactly(str, ask(f"repr() of {label(self)} was asked for", "repr", place(self)))
        except ProgramError:
            # It is asked for when a failure is explained, too.
            return f"<{label(self)}>"

    def __iter__(self):
        return ask(f"{label(self)} was gone through", "iterate", place(self))

    def __next__(self):
        settle(self, elements=slot(self, "_elements") + 1)
        if slot(self, "_elements") > MAX_ELEMENTS:
            raise ProgramError(f"{label(self)} gave {MAX_ELEMENTS} elements, and there are more")
        return ask(f"{label(self)} was asked for its next element", "next", place(self))

    def __getitem__(self, key):
        return ask(f"an element of {label(self)} was read", "item", place(self), argument(key))

    def __setitem__(self, key, value):
        ask(f"an element of {label(self)} was set", "set_item", place(self), argument(key), argument(value))

    def __contains__(self, value):
        return exactly(bool, ask(f"{label(self)} was looked into", "contains", place(self), argument(value)))


class RemoteFunction(Remote):
    __slots__ = ()

    def __call__(self, *arguments, **keywords):
        name = slot(self, "_name")
        return ask(f"{name} was called", "call", place(self), argument(arguments), argument(keywords))


class RemoteClass(RemoteFunction):
    __slots__ = ()

    def __instancecheck__(self, value):
        if not isinstance(value, Remote):
            return False
        return exactly(bool, ask(f"{label(self)} was asked for its objects", "instance", place(value), place(self)))


class RemoteMethod:
    """A method of an object, found anew at each call."""

    def __init__(self, owner, name):
        self.owner, self.name = owner, name

    def __call__(self, *arguments, **keywords):
        doing = f"{slot(self.owner, '_name')}.{self.name} was called"
        parts = [encode(self.name), argument(arguments), argument(keywords)]
        return ask(doing, "call_method", place(self.owner), *parts)


KINDS = {"module": Remote, "class": RemoteClass, "function": RemoteFunction, "object": Remote}
HELD = {dict, list, tuple, str, int, float, bytes, set, frozenset}
METHOD = object()


def handle(*parts):
    """What stands for an object, from `["h", …]`. The program's words for it are only ever words."""
    if len(parts) == 1:
        return exception_class(parts[0])
    if len(parts) != 4:
        raise DataError("no handle")
    what, number, name, held = parts
    if what not in KINDS or type(number) is not int or type(name) is not str or type(held) is not list or len(held) > 1:
        raise DataError("no handle")
    held = [decode(part, handle) for part in held]
    known = program.objects
    if number not in known:
        known[number] = KINDS[what]()
        name = name[:MAX_NAME]
        settle(known[number], generation=program.generation, number=number, name=name, kind=what, origin=None, elements=0)
    # An object may hold other data by now.
    settle(known[number], held=held)
    return known[number]


def settle(remote, **slots):
    for name, value in slots.items():
        object.__setattr__(remote, f"_{name}", value)


def slot(remote, name):
    return object.__getattribute__(remote, name)


def label(remote):
    name = slot(remote, "_name")
    return f"{name} object" if slot(remote, "_kind") == "object" else name


def place(remote):
    """The handle for a request. Functions and classes are found again in a program that was started anew; objects are gone."""
    if slot(remote, "_generation") != program.generation or program.child is None:
        origin = slot(remote, "_origin")
        if origin is None:
            raise ProgramError(f"the {label(remote)} is gone: your program ended since it was made")
        again = origin()
        settle(remote, generation=program.generation, number=slot(again, "_number"), held=slot(again, "_held"))
        program.objects[slot(again, "_number")] = remote
    return f'["h",{slot(remote, "_number")}]'


def argument(value):
    return encode(value, given)


def given(value):
    if isinstance(value, Remote):
        return place(value)
    kind = type(value).__qualname__
    if callable(value):
        raise ProgramError(f"a test cannot give a function ({kind}) to a program that runs elsewhere")
    raise ProgramError(f"a test cannot give a {kind} to a program that runs elsewhere, only built-in data")


def read(remote, name):
    # Python, pytest and copiers ask everything for names like these; none of them is a learner's.
    if name.startswith(("__", "_pytest")):
        raise AttributeError(name)
    owner = slot(remote, "_name")
    found = ask(f"{owner}.{name} was read", "read", place(remote), encode(name))
    if found is METHOD:
        return RemoteMethod(remote, name)
    if isinstance(found, RemoteFunction) and slot(remote, "_origin") is not None:
        settle(found, origin=lambda: read(remote, name))
    return found


def write(remote, name, value):
    ask(f"{slot(remote, '_name')}.{name} was set", "write", place(remote), encode(name), argument(value))


def exactly(kind, value):
    if type(value) is not kind:
        raise ProgramError(f"your program gave {value!r} where Python wants a {kind.__name__}")
    return value


# Exceptions.

# By the names of module and class, so that a test can name the class that it imported before the program started anew.
classes = {}


def exception_class(found):
    """The built-in class, or one of ours in the place of the learner's: a name, and the same class below it."""
    if type(found) is str:
        return EXCEPTIONS.get(found, ProgramError)
    if type(found) is not list or len(found) != 4 or found[0] != "class":
        raise DataError("no exception")
    module, name = found[1:3]
    if type(module) is not str or type(name) is not str:
        raise DataError("no exception")
    base = exception_class(found[3])
    key = module[:MAX_NAME], name[:MAX_NAME], base
    if key not in classes:
        classes[key] = type(key[1].rpartition(".")[2].replace("\0", ""), (base,), {"__str__": said, "__module__": key[0]})
    return classes[key]


def said(error):
    return getattr(error, "_said", "")


def exception(found, arguments, attributes, text, steps):
    """An exception as it can be raised here. Of a built-in class it is the real thing, made from its arguments."""
    kind = exception_class(found)
    arguments, attributes = decode(arguments), decode(attributes)
    if type(text) is not str or type(steps) is not str:
        raise DataError("no exception")
    error = None
    if kind is ProgramError:
        error = ProgramError(f"your program raised {found}: {text}")
    elif type(arguments) is tuple:
        try:
            error = kind(*arguments)
        except Exception:
            # UnicodeDecodeError and a few others want arguments of certain kinds.
            error = None
    if not isinstance(error, kind):
        error = ProgramError(f"your program raised {kind.__name__}, which does not travel: {text}")
    if type(attributes) is dict:
        for name, value in attributes.items():
            if type(name) is str and not name.startswith("_") and not hasattr(error, name):
                setattr(error, name, value)
    error._said = text
    if steps:
        error.add_note(steps)
    return error
