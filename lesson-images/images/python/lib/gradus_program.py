"""The tests' end of function calls: the learner's program as a process that is asked and answers. Knows nothing of modules
and objects (gradus_stand_in.py).

What the program says is bounded, has to come in time, and has to be exactly one answer to the question asked; otherwise
the call has failed and the program is ended. The next call starts it anew.
"""

import json.decoder  # noqa: F401  (without it, the scanner of gradus_data has no error to raise)
import os
import select
import signal
import subprocess
import sys
import time

from gradus_data import MAX_MESSAGE, DataError, parse, quote

# KiB of all that it says in a run; what counts is said below, by the call.
OUTPUT_KIB = 65_536
COMMAND = f"/usr/local/lib/gradus/eval-call stand-in --output-kib {OUTPUT_KIB} -- gradus-python-worker".split()

# Seconds that one call may take, and the first one, for which the program has to start and its files to be loaded.
CALL_SECONDS = 5
START_SECONDS = 10
# Seconds between the end of a program's output and its own.
GRACE_SECONDS = 1
# Calls that did not answer in time, after which no more are made: the rest of the tests is told at once.
MAX_LATE_CALLS = 3
# Bytes that one call may print before it is cut off; those who collect it have limits of their own, lower ones.
MAX_PRINTED = 2_000_000
# Bytes read at once.
CHUNK = 65_536


class ProgramError(Exception):
    """A call that the learner's program did not answer as a program does."""


class Program:
    def __init__(self, command=None):
        self.command = command
        self.child = None
        # Counts starts: what an earlier process held is gone.
        self.generation = 0
        # What stands here for objects of the present process, by number.
        self.objects = {}
        self.late = 0

    def ask(self, doing, action, *parts):
        """The answer's parts after the id, as parsed JSON. `doing` says for people what is being done; `parts` are encoded."""
        if self.late == MAX_LATE_CALLS:
            raise ProgramError(f"your program did not answer {MAX_LATE_CALLS} earlier calls, so it is not called any more")
        seconds = CALL_SECONDS
        if self.child is None:
            self.start()
            seconds = START_SECONDS
        number = os.urandom(8).hex()
        request = f"[{','.join([quote(number), quote(action), *parts])}]\n"
        if len(request) > MAX_MESSAGE:
            raise DataError(f"the arguments are more than {MAX_MESSAGE} characters")
        try:
            answer = Exchange(self.child, request.encode(), time.monotonic() + seconds).answer()
            if answer[0] != number:
                raise Broken("it answered what was not asked")
        except Late:
            self.late += 1
            self.kill()
            raise ProgramError(f"your program did not come back within {seconds} seconds while {doing}") from None
        except Broken as why:
            self.kill()
            raise ProgramError(f"your program broke the test connection while {doing}: {why}") from None
        except Gone:
            raise ProgramError(f"your program ended while {doing}: {self.end()}") from None
        return answer[1:]

    def start(self):
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.child = subprocess.Popen(self.command or COMMAND, bufsize=0, **pipes)
        for stream in (self.child.stdin, self.child.stdout, self.child.stderr):
            os.set_blocking(stream.fileno(), False)
        self.generation += 1
        self.objects = {}

    def end(self):
        """After the end of its output: how it ended, for people. Who closes the output and stays is not waited for."""
        try:
            self.child.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        child = self.kill()
        if child.returncode < 0:
            return f"killed by signal {-child.returncode} ({signal.Signals(-child.returncode).name})"
        return f"exit code {child.returncode}"

    def kill(self):
        child, self.child = self.child, None
        if child is not None:
            child.kill()
            child.wait()
            for stream in (child.stdin, child.stdout, child.stderr):
                stream.close()
        return child


class Late(Exception):
    pass


class Broken(Exception):
    pass


class Gone(Exception):
    pass


class Exchange:
    """One request and the answer to it, with what is printed meanwhile."""

    def __init__(self, child, request, until):
        self.child, self.unsent, self.until = child, memoryview(request), until
        self.unread = bytearray()
        self.printed = 0

    def answer(self):
        """The first line that is no printing; nothing may come with it, as nobody has asked for more."""
        poll = select.poll()
        poll.register(self.child.stdin, select.POLLOUT)
        poll.register(self.child.stdout, select.POLLIN)
        poll.register(self.child.stderr, select.POLLIN)
        while True:
            left = self.until - time.monotonic()
            if left <= 0:
                raise Late
            ready = dict(poll.poll(left * 1000))
            if self.child.stderr.fileno() in ready and not self.pass_on_errors():
                poll.unregister(self.child.stderr)
            if self.child.stdin.fileno() in ready and self.send():
                poll.unregister(self.child.stdin)
            if self.child.stdout.fileno() in ready:
                data = self.child.stdout.read(CHUNK)
                if data == b"":
                    raise Gone
                self.unread += data or b""
                if (answer := self.lines()) is not None:
                    return answer

    def send(self):
        """Whether all is sent. A program that has closed its end is told by its silence."""
        try:
            self.unsent = self.unsent[os.write(self.child.stdin.fileno(), self.unsent) :]
        except BlockingIOError:
            return False
        except BrokenPipeError:
            return True
        return not self.unsent

    def pass_on_errors(self):
        """What is printed past Python's own streams, by other programs that it starts. Whether more may come."""
        data = self.child.stderr.read(CHUNK)
        if data:
            self.show(sys.stderr, data.decode(errors="replace"))
        return data != b""

    def lines(self):
        while (end := self.unread.find(b"\n")) >= 0:
            line = self.unread[:end]
            del self.unread[: end + 1]
            try:
                found = parse(line.decode())
            except (DataError, UnicodeDecodeError) as why:
                raise Broken(f"a line that is no answer ({why})") from None
            if self.is_answer(found):
                if self.unread:
                    raise Broken("it answered more than once")
                return found
        if len(self.unread) > MAX_MESSAGE:
            raise Broken("an answer that is too long")
        return None

    def is_answer(self, found):
        if type(found) is not list or len(found) < 2 or type(found[0]) is not str or type(found[1]) is not str:
            raise Broken("a line that is no answer")
        if len(found) > 2:
            return True
        stream = {"out": sys.stdout, "err": sys.stderr}.get(found[0])
        if stream is None:
            raise Broken("a line that is no answer")
        self.show(stream, found[1])
        return False

    def show(self, stream, text):
        self.printed += len(text)
        if self.printed > MAX_PRINTED:
            raise Broken(f"more than {MAX_PRINTED} characters were printed")
        # A lone surrogate is a character for Python, and none for a stream.
        stream.write(text.encode(errors="replace").decode())
