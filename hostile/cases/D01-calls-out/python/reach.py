"""Connects, sends and pings; prints what the kernel says to each."""

import errno
import socket

ADDRESSES = ["169.254.169.254", "172.17.0.1", "10.0.0.1", "192.168.0.1", "8.8.8.8", "100.100.100.200"]
SIX = ["fd00:ec2::254", "2001:4860:4860::8888"]


def attempt(name, act):
    try:
        act()
        print(name, "REACHED")
    except OSError as error:
        print(name, errno.errorcode.get(error.errno, type(error).__name__))


def tcp(family, address, port):
    with socket.socket(family, socket.SOCK_STREAM) as line:
        line.settimeout(1)
        line.connect((address, port))


def udp(family, address, port):
    with socket.socket(family, socket.SOCK_DGRAM) as line:
        line.settimeout(1)
        line.sendto(b"\0\0\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1", (address, port))


def ping(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP) as line:
        line.settimeout(1)
        line.sendto(b"\x08\0\xf7\xff\0\0\0\0", (address, 0))


def raw():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()


for address in ADDRESSES:
    attempt(f"tcp {address}", lambda: tcp(socket.AF_INET, address, 80))
    attempt(f"udp {address}", lambda: udp(socket.AF_INET, address, 53))
for address in SIX:
    attempt(f"tcp {address}", lambda: tcp(socket.AF_INET6, address, 80))
attempt("ping 8.8.8.8", lambda: ping("8.8.8.8"))
attempt("raw socket", raw)
attempt("name", lambda: socket.getaddrinfo("example.org", 80))
