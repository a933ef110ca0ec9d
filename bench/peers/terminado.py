"""terminado (Jupyter's terminals) as a server of its own."""

import pathlib
import subprocess
import sys


class Terminado:
    def __init__(self):
        server = pathlib.Path(__file__).with_name("terminado_server.py")
        # -I: the folder of the server, with a terminado of its own, is not where it looks for the real one.
        self.process = subprocess.Popen([sys.executable, "-I", server], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
