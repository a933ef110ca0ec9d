"""What rows measure with: the binaries, the lessons, a Gradus of their own, peers that are made once."""

import pathlib
import shutil
from functools import cached_property

from .driver import Driver
from .gradus import Gradus
from .peers.container import Rootfs
from .quiet import Quiet


class Context:
    def __init__(self, root, profile="quick", runtime=None, short=False):
        self.root = pathlib.Path(root)
        built = self.root / "target" / profile
        self.gradus, self.driver_binary, self.client = built / "gradus", built / "gradus-bench", built / "bench-client"
        self.runtime = runtime
        # A tenth of the time, for a look and for the smoke test.
        self.short = short
        self.quiet = Quiet(budget=5 if short else 90)
        self.work = self.root / "target" / "bench"
        self._driver = None
        self.work.mkdir(parents=True, exist_ok=True)

    def rounds(self, many, few=3):
        return few if self.short else many

    @property
    def own_lessons(self):
        return sorted(path.parent for path in (self.root / "bench" / "lessons").glob("*/lesson.toml"))

    @cached_property
    def lessons(self):
        """Those that ship and those to measure with, in one folder."""
        folder = self.work / "lessons"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        shipped = sorted(path.parent for path in (self.root / "lesson-images" / "lessons").glob("*/lesson.toml"))
        for lesson in [*shipped, *self.own_lessons]:
            (folder / lesson.name).symlink_to(lesson)
        return folder

    @property
    def driver(self):
        """Started with its first use, and anew should it have ended."""
        if self._driver is None or not self._driver.is_alive:
            names = [self.root / "lesson-images" / "lessons" / "sh-pipes", *self.own_lessons]
            self._driver = Driver(self.root, self.driver_binary, names, self.runtime)
        return self._driver

    @cached_property
    def rootfs(self):
        """The files of the Python image, with the lesson's own solution in it."""
        return Rootfs("gradus/python:latest", self.work, self.root / "bench" / "lessons" / "py-unittest")

    def up(self, *options, part="up", **more):
        options = [*options, *(["--runtime", self.runtime] if self.runtime else [])]
        return Gradus(self.root, self.gradus, part, lessons=self.lessons, options=options, **more)

    def close(self):
        """Ends what was made, and only that."""
        if self._driver:
            self._driver.close()
        if "rootfs" in self.__dict__:
            self.rootfs.close()
