"""A PostgreSQL of the run's own, as durable as an operator would have it."""

import os
import pathlib
import pwd
import shutil
import socket
import subprocess
import tempfile


class Postgres:
    def __init__(self, folder):
        found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise RuntimeError("PostgreSQL is not installed (scripts/setup postgres)")
        self.binaries = found[-1]
        # On the same disk as SQLite's file, in a place its own user may enter.
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="gradus-bench-postgres-", dir="/tmp"))
        if os.getuid() == 0:
            owner = pwd.getpwnam("postgres")
            os.chown(self.place, owner.pw_uid, owner.pw_gid)
        self.port = free_port()
        self.run("initdb", "--pgdata", self.data, "--username", "gradus", "--auth", "trust", "--encoding", "UTF8", "--locale", "C")
        options = f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories={self.place}"
        self.run("pg_ctl", "--pgdata", self.data, "--wait", "--log", str(self.place / "log"), "start", "--options", options)
        self.url = f"postgres://gradus@127.0.0.1:{self.port}/postgres"

    @property
    def data(self):
        return str(self.place / "data")

    def run(self, program, *arguments):
        command = [str(self.binaries / program), *arguments]
        if os.getuid() == 0:
            # It refuses to run as root.
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.run("pg_ctl", "--pgdata", self.data, "--mode", "fast", "stop")
        shutil.rmtree(self.place)


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]
