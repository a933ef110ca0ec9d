//! Everything that can be found out without harm, one line each.
#![expect(unsafe_code, reason = "limits and identities are asked of the C library")]

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::calls::{self, Answer, in_child};
use crate::places;

/// Sockets through which a host is ruled.
const RULERS: [&str; 4] =
    ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/gradus/guest.sock"];
/// Metadata service, a name server, the usual bridge.
const OUTSIDE: [&str; 3] = ["169.254.169.254:80", "8.8.8.8:53", "172.17.0.1:80"];
const NAMESPACES: [&str; 6] = ["cgroup", "ipc", "mnt", "net", "pid", "uts"];
const SPARSE_BYTES: u64 = 10 * 1024 * 1024 * 1024;

/// `masked`: paths that should show nothing.
pub fn everything(masked: &[String]) {
    for (name, number, args) in calls::table() {
        println!("syscall {name} {}", in_child(|| calls::call(number, args)));
    }
    if let Some(answer) = calls::by_interrupt() {
        println!("syscall ia32:getpid {answer}");
    }
    for path in masked {
        println!("mask {path} {}", places::state_of(Path::new(path)));
    }
    for path in ["/proc", "/sys"].into_iter().flat_map(places::readable) {
        println!("readable {}", path.display());
    }
    tree();
    identity();
    limits();
    mounts();
    network();
    attempts();
}

fn tree() {
    let walk = places::walk();
    println!("folders {}", walk.folders);
    walk.writable.iter().for_each(|path| println!("writable {}", path.display()));
    walk.suid.iter().for_each(|path| println!("suid {}", path.display()));
    for path in RULERS.iter().filter(|path| fs::symlink_metadata(path).is_ok()) {
        println!("ruler {path}");
    }
}

fn identity() {
    for (who, process) in [("self", "self"), ("guest", "1")] {
        let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
        for line in status.lines() {
            let Some((key, value)) = line.split_once(':') else { continue };
            let wanted = [
                "Uid",
                "Gid",
                "Groups",
                "NoNewPrivs",
                "Seccomp",
                "CapInh",
                "CapPrm",
                "CapEff",
                "CapBnd",
                "CapAmb",
            ];
            if wanted.contains(&key) {
                println!("status {who}:{key} {}", value.split_whitespace().collect::<Vec<_>>().join(","));
            }
        }
    }
    let score = fs::read_to_string("/proc/self/oom_score_adj").unwrap_or_default();
    println!("oom-score {}", score.trim());
    for name in NAMESPACES {
        let link = fs::read_link(format!("/proc/self/ns/{name}")).unwrap_or_default();
        println!("namespace {name} {}", link.display());
    }
    for line in fs::read_to_string("/proc/self/cgroup").unwrap_or_default().lines() {
        println!("cgroup {line}");
    }
}

fn limits() {
    let rows = [
        ("core", libc::RLIMIT_CORE),
        ("fsize", libc::RLIMIT_FSIZE),
        ("memlock", libc::RLIMIT_MEMLOCK),
        ("msgqueue", libc::RLIMIT_MSGQUEUE),
        ("nofile", libc::RLIMIT_NOFILE),
        ("rtprio", libc::RLIMIT_RTPRIO),
        ("sigpending", libc::RLIMIT_SIGPENDING),
    ];
    for (name, resource) in rows {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: writes one structure of ours.
        unsafe { libc::getrlimit(resource, &raw mut limit) };
        println!("limit {name} {} {}", limit.rlim_cur, limit.rlim_max);
        let more = libc::rlimit { rlim_max: limit.rlim_max.saturating_add(1), ..limit };
        if more.rlim_max != limit.rlim_max && limit.rlim_max != libc::RLIM_INFINITY {
            // SAFETY: reads one structure of ours, in a child.
            let raised = in_child(|| match unsafe { libc::setrlimit(resource, &raw const more) } {
                0 => 0,
                _ => calls::last_error(),
            });
            println!("try raise-{name} {raised}");
        }
    }
    for name in ["shmall", "shmmni"] {
        let value = fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        println!("sysctl {name} {}", value.trim());
    }
}

/// `mount <place> <type> <options of mount and file system>`; of folders in memory also their size in KiB and files.
fn mounts() {
    for line in fs::read_to_string("/proc/self/mountinfo").unwrap_or_default().lines() {
        let fields: Vec<_> = line.split(' ').collect();
        let (Some(place), Some(options)) = (fields.get(4), fields.get(5)) else { continue };
        let mut rest = fields.iter().skip_while(|field| **field != "-").skip(1);
        let kind = rest.next().copied().unwrap_or_default();
        println!("mount {place} {kind} {options}");
        if kind == "tmpfs" {
            let Ok(place_text) = std::ffi::CString::new(*place) else { continue };
            // SAFETY: all zero is a value of this structure, and the call writes only there.
            let found = unsafe {
                let mut found: libc::statvfs = std::mem::zeroed();
                (libc::statvfs(place_text.as_ptr(), &raw mut found) == 0).then_some(found)
            };
            if let Some(found) = found {
                println!("disk {place} {} {}", found.f_blocks * found.f_frsize / 1024, found.f_files);
            }
        }
    }
}

fn network() {
    for line in fs::read_to_string("/proc/net/dev").unwrap_or_default().lines().skip(2) {
        println!("interface {}", line.split(':').next().unwrap_or_default().trim());
    }
    for line in fs::read_to_string("/proc/net/unix").unwrap_or_default().lines().skip(1) {
        if let Some(name) = line.split_whitespace().nth(7).filter(|name| name.starts_with('@')) {
            println!("abstract {name}");
        }
    }
    for target in OUTSIDE {
        let address: Option<SocketAddr> = target.parse().ok();
        let answer = address.map(|address| TcpStream::connect_timeout(&address, Duration::from_millis(500)));
        println!(
            "connect tcp:{target} {}",
            answer.map_or("?".to_owned(), |answer| outcome(answer.map(drop)))
        );
        let sent = UdpSocket::bind("0.0.0.0:0").and_then(|socket| socket.send_to(b"x", target));
        println!("connect udp:{target} {}", outcome(sent.map(drop)));
    }
}

fn attempts() {
    // SAFETY of all: calls without memory of ours, in children.
    let refused = |answer: i32| if answer == -1 { calls::last_error() } else { 0 };
    let tries: [(&str, Answer); 6] = [
        ("setuid-0", in_child(|| refused(unsafe { libc::setuid(0) }))),
        ("setgid-0", in_child(|| refused(unsafe { libc::setgid(0) }))),
        ("kill-guest", in_child(|| refused(unsafe { libc::kill(1, libc::SIGKILL) }))),
        ("nice--20", in_child(|| refused(unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, -20) }))),
        ("open-files", in_child(open_all)),
        ("sparse-10g", in_child(sparse)),
    ];
    for (what, answer) in &tries {
        println!("try {what} {answer}");
    }
    let open = |path: &str| outcome(fs::File::options().read(true).open(path).map(drop));
    for path in ["/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/usr/local/bin/eval-guest"] {
        println!("try read:{path} {}", open(path));
    }
    println!("try list:/proc/1/fd {}", outcome(fs::read_dir("/proc/1/fd").map(drop)));
    let write = |path: &str| outcome(fs::File::options().write(true).open(path).map(drop));
    for path in
        ["/etc/passwd", "/etc/group", "/usr/local/bin/eval-guest", "/dev/ptmx", "/proc/sys/kernel/hostname"]
    {
        println!("try write:{path} {}", write(path));
    }
    for folder in ["/tmp", "/dev/shm"] {
        println!("try execute:{folder} {}", execute_in(folder));
    }
}

/// How many files can be held open: the error says that there is an end, the number of the last is printed.
fn open_all() -> i32 {
    let mut held = Vec::new();
    loop {
        match fs::File::open("/dev/null") {
            Ok(file) => held.push(file),
            Err(why) => {
                println!("open-files {}", held.len());
                return why.raw_os_error().unwrap_or(1);
            }
        }
    }
}

fn sparse() -> i32 {
    let place = "probe.sparse";
    let made = fs::File::create(place).and_then(|file| file.set_len(SPARSE_BYTES));
    let _ = fs::remove_file(place);
    made.map_or_else(|why| why.raw_os_error().unwrap_or(1), |()| 0)
}

fn execute_in(folder: &str) -> String {
    let place = Path::new(folder).join("probe.sh");
    let made = fs::copy("/bin/true", &place);
    let answer = match made {
        Ok(_) => outcome(Command::new(&place).status().map(drop)),
        Err(why) => outcome(Err(why)),
    };
    let _ = fs::remove_file(place);
    answer
}

fn outcome(result: io::Result<()>) -> String {
    match result {
        Ok(()) => "passes".to_owned(),
        Err(why) => why.raw_os_error().map_or_else(|| why.kind().to_string(), calls::error_name),
    }
}
