"""Values on the way between a test and the learner's program, as text: exact built-in types, and nothing else.

Both ends use this file. The end with the tests is the one that counts: whatever text comes from the program is either one
of the values below or a DataError. Nothing is ever made that runs code of the program's, so a value that lies about itself –
equal to everything, a str with methods of its own – cannot arrive.

Texts, whole numbers up to 2**53, floats, True, False and None are themselves in JSON; the rest is an array that begins with
a tag. What is none of them travels as a handle, a number that only the program can do something with.

    ["i", "-1f…"]  int, hexadecimal       ["l", …] list      ["s", …] set            ["d", key, value, …] dict
    ["n", "nan"]   nan, inf or -inf       ["t", …] tuple     ["f", …] frozenset      ["h", …]             handle
    ["b", "00ff"]  bytes                   ["p", key, value, …] a dict that cannot be changed (types.MappingProxyType)
"""

# `json` itself loads re and enum, half of the worker's start; these are the parts of it that do the work.
from _json import encode_basestring_ascii as quote
from _json import make_scanner

# Characters of one message: one call with its arguments, or one answer.
MAX_MESSAGE = 1_000_000
# Levels of lists within lists; a value of a test has three or four.
MAX_DEPTH = 50
# Whole numbers beyond are written in hexadecimal, whose cost grows with the length and not with its square.
PLAIN_INT = 2**53

SEQUENCES = {list: "l", tuple: "t", set: "s", frozenset: "f"}
MAKERS = {tag: kind for kind, tag in SEQUENCES.items()}
NOT_FINITE = {"nan", "inf", "-inf"}
# `types` has it by name.
FixedDict = type(type.__dict__)


class DataError(Exception):
    """A value that does not travel, or a text that is no value."""


def name_of(kind):
    return kind.__qualname__


def no_handle(value):
    raise DataError(f"{name_of(type(value))} is no built-in data")


def encode(value, handle=no_handle):
    """`handle` says what stands for a value of any other type, as text."""
    text = encoded(value, handle, 0)
    if len(text) > MAX_MESSAGE:
        raise DataError(f"more than {MAX_MESSAGE} characters")
    return text


def encoded(value, handle, depth):
    kind = type(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is str:
        return quote(value)
    if kind is int:
        return str(value) if -PLAIN_INT <= value <= PLAIN_INT else f'["i","{value:x}"]'
    if kind is float:
        text = repr(value)
        return f'["n","{text}"]' if text in NOT_FINITE else text
    if kind is bytes:
        return f'["b","{value.hex()}"]'
    if kind is dict or kind is FixedDict:
        parts = (part for pair in value.items() for part in pair)
        return array("d" if kind is dict else "p", parts, handle, depth)
    if kind in SEQUENCES:
        return array(SEQUENCES[kind], value, handle, depth)
    return handle(value)


def array(tag, parts, handle, depth):
    if depth == MAX_DEPTH:
        raise DataError(f"nested more than {MAX_DEPTH} levels deep, or within itself")
    return ",".join([f'["{tag}"', *(encoded(part, handle, depth + 1) for part in parts)]) + "]"


def refuse(*_):
    raise DataError("an object, or a constant that JSON does not have")


class Scanning:
    """What `make_scanner` wants to know."""

    strict = True
    object_hook = None
    object_pairs_hook = staticmethod(refuse)
    parse_float = float
    parse_int = int
    parse_constant = staticmethod(refuse)


scan = make_scanner(Scanning)


def parse(text):
    """JSON without objects; neither more nor less than the text."""
    if len(text) > MAX_MESSAGE:
        raise DataError(f"more than {MAX_MESSAGE} characters")
    try:
        found, end = scan(text, 0)
    except (ValueError, StopIteration, RecursionError):
        raise DataError("no JSON") from None
    if end != len(text):
        raise DataError("something after the JSON")
    return found


def decode(found, handle=refuse, depth=0):
    """The value that parsed JSON stands for. `handle` makes something of the parts of an `["h", …]`."""
    kind = type(found)
    if found is None or kind is bool or kind is str:
        return found
    if kind is int and -PLAIN_INT <= found <= PLAIN_INT:
        return found
    if kind is float and repr(found) not in NOT_FINITE:
        return found
    if kind is not list or not found or type(found[0]) is not str:
        raise DataError("no value")
    if depth > MAX_DEPTH:
        raise DataError("nested too deep")
    tag, *parts = found
    if tag == "h":
        return handle(*parts)
    if tag in ("i", "n", "b"):
        return scalar(tag, parts)
    values = [decode(part, handle, depth + 1) for part in parts]
    try:
        return collection(tag, values)
    except TypeError:
        raise DataError("an element or a key that cannot be one") from None


def scalar(tag, parts):
    if len(parts) != 1 or type(parts[0]) is not str:
        raise DataError("no number, no bytes")
    text = parts[0]
    if tag == "n" and text in NOT_FINITE:
        return float(text)
    try:
        # Only what we would have written: int() also reads "0x_1f" and " 1F ", fromhex() "00 ff".
        if tag == "b" and (value := bytes.fromhex(text)).hex() == text:
            return value
        if tag == "i" and f"{(value := int(text, 16)):x}" == text and not -PLAIN_INT <= value <= PLAIN_INT:
            return value
    except ValueError:
        pass
    raise DataError("no number, no bytes")


def collection(tag, values):
    if tag in ("d", "p") and len(values) % 2 == 0:
        made = dict(zip(values[::2], values[1::2]))
        complete = len(made) * 2 == len(values)
        made = made if tag == "d" else FixedDict(made)
    elif tag in MAKERS:
        made = MAKERS[tag](values)
        complete = len(made) == len(values)
    else:
        raise DataError("an unknown tag")
    if not complete:
        raise DataError("the same key or element twice")
    return made
