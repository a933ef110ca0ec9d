import os

line = "ä".encode() * 500_000


def triple(number):
    for piece in range(50):
        os.write(1, line)
    os.write(2, os.urandom(1_000_000))
    print("\ud800".encode("utf-8", "surrogatepass"), "\x1b]0;title\x07")
    return 0


triple(0)
