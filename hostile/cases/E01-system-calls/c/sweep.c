/* Makes each call with arguments that an unconfined kernel would take seriously, each in a process of its own; prints what
 * the kernel says. Calls that the machine's architecture does not know are left out. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char page[4096];
static struct timespec now = {1, 0};

static void try(const char *name, long number, long a, long b, long c, long d, long e) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        errno = 0;
        long got = syscall(number, a, b, c, d, e);
        /* A clone that succeeds comes back twice. */
        printf("%s %s\n", name, got == -1 ? strerrorname_np(errno) : "DONE");
        fflush(stdout);
        _exit(0);
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) printf("%s killed by %d\n", name, WTERMSIG(status));
}

#define TRY(call, ...) TRY_(#call, SYS_##call, ##__VA_ARGS__, 0, 0, 0, 0, 0)
#define TRY_(name, number, a, b, c, d, e, ...) try(name, number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))

static void sockets(void) {
    static const struct { const char *name; int family, type, protocol; } kinds[] = {
        {"AF_NETLINK", AF_NETLINK, SOCK_RAW, 0}, {"AF_PACKET", AF_PACKET, SOCK_RAW, 0},
        {"AF_ALG", 38, SOCK_SEQPACKET, 0},       {"AF_VSOCK", 40, SOCK_STREAM, 0},
        {"AF_BLUETOOTH", 31, SOCK_RAW, 1},       {"AF_CAN", 29, SOCK_RAW, 1},
        {"AF_TIPC", 30, SOCK_STREAM, 0},         {"AF_XDP", 44, SOCK_RAW, 0},
        {"AF_INET raw", AF_INET, SOCK_RAW, 1},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int got = socket(kinds[i].family, kinds[i].type, kinds[i].protocol);
        printf("socket %s %s\n", kinds[i].name, got < 0 ? strerrorname_np(errno) : "DONE");
        if (got >= 0) close(got);
    }
}

static void spaces(void) {
    static const struct { const char *name; long flag; } flags[] = {
        {"user", CLONE_NEWUSER}, {"mount", CLONE_NEWNS},  {"pid", CLONE_NEWPID},   {"network", CLONE_NEWNET},
        {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS},   {"cgroup", 0x02000000L}, {"time", 0x80L},
    };
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char name[40];
        snprintf(name, sizeof name, "unshare %s", flags[i].name);
        try(name, SYS_unshare, flags[i].flag, 0, 0, 0, 0);
        snprintf(name, sizeof name, "clone into a new %s", flags[i].name);
        if (flags[i].flag != 0x80L) try(name, SYS_clone, flags[i].flag | SIGCHLD, 0, 0, 0, 0);
    }
}

/* Of one architecture only. */
static int old(void) {
#ifdef SYS_modify_ldt
    TRY(modify_ldt, 1, page, 16);
    TRY(iopl, 3);
    TRY(ioperm, 0, 1, 1);
    TRY(ustat, 0, page);
    TRY(sysfs, 3);
#endif
    return 0;
}

int main(int argc, char **argv) {
    pid_t parent = getpid();
    sockets();
    spaces();
    TRY(clone3, page, 88);
    TRY(setns, 0, 0);
    TRY(io_uring_setup, 8, page);
    TRY(io_uring_enter, 0, 1, 1);
    TRY(io_uring_register, 0, 0, page, 1);
    TRY(ptrace, PTRACE_TRACEME);
    TRY(process_vm_readv, parent, page, 1, page, 1);
    TRY(process_vm_writev, parent, page, 1, page, 1);
    TRY(process_madvise, 0, page, 1, 0);
    TRY(pidfd_getfd, 0, 0);
    TRY(kcmp, parent, parent, 0, 0, 0);
    TRY(userfaultfd, 1);
    TRY(add_key, "user", "name", "value", 5, KEY_SPEC_SESSION_KEYRING);
    TRY(request_key, "user", "name", 0, 0);
    TRY(keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 1);
    TRY(bpf, 0, page, 72);
    TRY(perf_event_open, page, 0, -1, -1, 0);
    TRY(name_to_handle_at, AT_FDCWD, "/", page, page + 128, 0);
    TRY(open_by_handle_at, AT_FDCWD, page, 0);
    TRY(mq_open, "/queue", O_CREAT | O_RDWR, 0600, 0);
    TRY(msgget, 0, 0600 | 01000);
    TRY(mlockall, 1);
    TRY(memfd_secret, 0);
    TRY(vmsplice, 1, page, 1, 0);
    TRY(landlock_create_ruleset, page, 8, 0);
    TRY(mknodat, AT_FDCWD, "/tmp/device", 020600, 0x103);
    TRY(adjtimex, page);
    TRY(clock_adjtime, 0, page);
    TRY(clock_settime, CLOCK_REALTIME, &now);
    TRY(settimeofday, page, 0);
    TRY(sched_setattr, 0, page, 0);
    TRY(setxattr, "/tmp", "user.name", "value", 5, 0);
    TRY(mount, "none", "/tmp", "tmpfs", 0, 0);
    TRY(umount2, "/tmp", 2);
    TRY(move_mount, AT_FDCWD, "/tmp", AT_FDCWD, "/mnt", 0);
    TRY(open_tree, AT_FDCWD, "/", 1);
    TRY(fsopen, "tmpfs", 0);
    TRY(fsmount, 0, 0, 0);
    TRY(mount_setattr, AT_FDCWD, "/", 0, page, 32);
    TRY(pivot_root, "/tmp", "/tmp");
    TRY(chroot, "/tmp");
    TRY(swapon, "/tmp/file", 0);
    TRY(swapoff, "/tmp/file");
    TRY(reboot, 0xfee1dead, 672274793, 0x89abcdef, 0);
    TRY(sethostname, "other", 5);
    TRY(setdomainname, "other", 5);
    TRY(init_module, page, 10, "");
    TRY(finit_module, 0, "", 0);
    TRY(delete_module, "none", 0);
    TRY(kexec_load, 0, 0, page, 0);
    TRY(acct, "/tmp/file");
    TRY(syslog, 3, page, 100);
    TRY(quotactl, 0, 0, 0, 0);
    TRY(fanotify_init, 0, 0);
    TRY(personality, 0x0040000);
    TRY(setuid, 0);
    TRY(setgid, 0);
    TRY(setgroups, 1, page);
    *(unsigned *)page = 0x20080522;
    memset(page + 64, 0xff, 24);
    TRY(capset, page, page + 64);
    TRY(move_pages, parent, 0, 0, 0, 0);
    TRY(migrate_pages, parent, 1, page, page);
    TRY(mbind, page, 4096, 1, page, 0);
    TRY(set_mempolicy, 1, page, 0);
    TRY(sync);
    TRY(syncfs, 1);
    TRY(lookup_dcookie, 0, 0, page, 100);
    TRY(vhangup);
    return argc > 1 ? old() : 0;
}
