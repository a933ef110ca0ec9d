import os
import signal

try:
    os.kill(1, signal.SIGKILL)
except PermissionError:
    pass
try:
    os.kill(-1, signal.SIGKILL)
except ProcessLookupError:
    pass
os.kill(os.getpid(), signal.SIGKILL)
