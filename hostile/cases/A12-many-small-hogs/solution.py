import os
import time

for hog in range(100):
    try:
        if os.fork() == 0:
            taken = bytearray(b"x") * 6_000_000
            time.sleep(60)
    except OSError:
        time.sleep(0.1)
time.sleep(60)
