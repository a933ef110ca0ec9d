"""Reads each place; prints what came of it."""

import errno
import os

PLACES = """
/proc/acpi /proc/asound /proc/buddyinfo /proc/bus /proc/cmdline /proc/config.gz /proc/diskstats /proc/interrupts /proc/iomem
/proc/ioports /proc/kallsyms /proc/kcore /proc/key-users /proc/keys /proc/kmsg /proc/kpagecount /proc/latency_stats
/proc/partitions /proc/pressure /proc/sched_debug /proc/scsi /proc/slabinfo /proc/sysrq-trigger /proc/timer_list
/proc/timer_stats /proc/version /proc/vmallocinfo /proc/vmstat /proc/zoneinfo /proc/consoles /proc/dma /proc/fb /proc/locks
/proc/misc /proc/modules /proc/schedstat /proc/softirqs /proc/swaps /sys/bus /sys/dev /sys/hypervisor /sys/power /proc/1/environ /proc/1/maps /proc/1/mem /proc/1/exe /proc/1/fd
/proc/1/root /proc/1/cwd /proc/1/io /sys/block /sys/class /sys/devices /sys/firmware /sys/fs /sys/kernel /sys/module
/dev/mem /dev/kmsg /dev/sda /dev/vda /dev/fuse /dev/kvm /dev/net/tun
""".split()


def read(place):
    try:
        if os.path.isdir(place):
            return "a folder of something" if os.listdir(place) else "empty"
        with open(place, "rb") as file:
            return "TELLS" if file.read(100) else "empty"
    except FileNotFoundError:
        return "empty"
    except OSError as error:
        return errno.errorcode[error.errno]


closed = {"empty", "EACCES", "EPERM"}
for place in PLACES:
    answer = read(place)
    print(place, "closed" if answer in closed else answer)
