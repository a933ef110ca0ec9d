"""What was measured: per route the samples in the order they were taken, and the load of the machine before each."""

import json
import pathlib
from dataclasses import dataclass, field

# Digits that mean something.
SIGNIFICANT = 4


def rounded(value):
    return float(f"{value:.{SIGNIFICANT}g}")


@dataclass
class Samples:
    """Of one family of rows."""

    family: str
    unit: str = "ms"
    routes: dict = field(default_factory=dict)
    background: dict = field(default_factory=dict)
    # Why a route has no samples.
    missing: dict = field(default_factory=dict)
    # What has to be known to read them.
    notes: dict = field(default_factory=dict)

    def add(self, route, value, load=None):
        self.routes.setdefault(route, []).append(rounded(value))
        if load is not None:
            self.background.setdefault(route, []).append(round(load, 2))

    def extend(self, route, values):
        for value in values:
            self.add(route, value)

    def of(self, route):
        """The samples, or a `Missing` that says why there are none."""
        if not self.routes.get(route):
            raise Missing(self.missing.get(route, "not measured in this run"))
        return self.routes[route]

    def write(self, folder):
        text = json.dumps(self.__dict__, indent=1, ensure_ascii=False)
        (pathlib.Path(folder) / f"{self.family}.json").write_text(one_line_lists(text) + "\n")

    @classmethod
    def read(cls, path):
        return cls(**json.loads(pathlib.Path(path).read_text()))


class Missing(Exception):
    pass


def first_line(why):
    return f"{type(why).__name__}: {why}".split("\n")[0][:300]


def one_line_lists(text):
    """JSON as `indent` writes it, but with every list of numbers on one line."""
    lines, held = [], None
    for line in text.split("\n"):
        if held is not None:
            held += line.strip().replace(",", ", ") if not line.strip().startswith("]") else line.strip()
            if line.strip().startswith("]"):
                lines.append(held)
                held = None
        elif line.endswith("["):
            held = line
        else:
            lines.append(line)
    return "\n".join(lines)
