//! What has to be true of what was found. One row, one thing that a person can read and mend; each names the controls it
//! would not hold without.

use ide_protocol::results::Ending;

use super::trial::Trial;
use super::{Check, Facts, Missing};
use crate::host::HostFacts;
use crate::sandbox::{self, Control, READ_ONLY};

/// What a row looks at.
struct Found<'a> {
    host: &'a HostFacts,
    trial: &'a Trial,
    facts: &'a Facts,
}

type Look = fn(&Found<'_>) -> Result<String, String>;

/// A container with two seconds to live may take this long to be gone.
const LIFE_BOUND_MS: u128 = 4_000;
const MIB: u64 = 1024 * 1024;

/// System calls that lessons need. All others that the probe tries have to be refused.
const NEEDED: [&str; 8] = [
    "getpid",
    "socket:inet",
    "socket:inet6",
    "socket:unix",
    "inotify_init1",
    "memfd_create",
    "pidfd_open",
    "personality:query",
];
/// How a sandbox refuses: by its own errors, or by the signal for a call of another architecture.
const REFUSALS: [&str; 6] = ["EPERM", "ENOSYS", "ENOTSUP", "EAFNOSUPPORT", "signal-31", "signal-11"];

/// Name, controls, what is looked at, how to mend it.
const ROWS: &[(&str, &[Control], Look, &str)] = &[
    (
        "system calls",
        &[Control::Seccomp],
        system_calls,
        "the engine has to be built with seccomp (docker info)",
    ),
    (
        "privileges",
        &[Control::NoNewPrivs, Control::Caps, Control::Seccomp],
        privileges,
        "docker info must list seccomp; is an AppArmor profile in the way?",
    ),
    ("guest apart from learner", &[], apart, "rebuild the guest: scripts/build-guest"),
    (
        "files of the agent's",
        &[],
        files,
        "something else is mounted over them; rebuild the guest: scripts/build-guest",
    ),
    (
        "uids of its own",
        &[Control::UidPerContainer],
        uids,
        "give agents on one host ranges apart: --uid-base",
    ),
    (
        "namespaces",
        &[Control::Ipc, Control::Cgroupns, Control::Network],
        namespaces,
        "a kernel with all namespaces; no userland option of the engine may share one",
    ),
    (
        "no network",
        &[Control::Network],
        network,
        "look for a plugin or proxy of the engine that adds networks",
    ),
    ("hidden parts of /proc and /sys", &[Control::Masks, Control::ReadOnlyPaths], masks, "update runc"),
    (
        "writable places",
        &[Control::ReadonlyRoot, Control::ReadonlyMounts],
        writable,
        "update the engine; look at the image's own volumes",
    ),
    (
        "folders in memory",
        &[Control::Disks, Control::Inodes, Control::Shm, Control::Noexec],
        disks,
        "a kernel that takes size= and nr_inodes= for tmpfs",
    ),
    (
        "full disks",
        &[Control::Disks, Control::Inodes],
        full,
        "a kernel that takes size= and nr_inodes= for tmpfs",
    ),
    (
        "memory",
        &[Control::Memory, Control::MemorySwap],
        memory,
        "turn memory control groups on: kernel command line cgroup_enable=memory swapaccount=1",
    ),
    ("processes", &[Control::Pids], processes, "turn the pids control group on"),
    ("processor time", &[Control::Cpu], cpu, "turn the cpu control group with CFS quotas on"),
    (
        "limits of a process",
        &[
            Control::Nofile,
            Control::Fsize,
            Control::Core,
            Control::Memlock,
            Control::Msgqueue,
            Control::Sigpending,
        ],
        limits,
        "the engine itself runs below these: raise its own (systemd: LimitNOFILE)",
    ),
    ("shared memory of System V", &[Control::SysvShm], sysv, "update the engine"),
    ("first to die when the host lacks memory", &[Control::OomScore], oom_score, "update the engine"),
    ("no log", &[Control::Logging], log, "look at log-driver in /etc/docker/daemon.json"),
    ("out of memory is seen", &[Control::Memory], eaten, "mount the memory control group on /sys/fs/cgroup"),
    ("ends by itself", &[Control::DeadlineInside], ends, "rebuild the guest: scripts/build-guest"),
    ("killed in uproar", &[], killed, "look at the engine's log; a busy host needs fewer containers"),
];

pub(super) fn all(host: &HostFacts, trial: &Trial, facts: &Facts) -> Vec<Check> {
    let found = Found { host, trial, facts };
    let check = |(name, controls, look, mend): &(&'static str, &'static [Control], Look, &str)| {
        let result = look(&found).map_err(|found| Missing { found, mend: (*mend).to_owned() });
        Check { name, controls, result }
    };
    ROWS.iter().map(check).collect()
}

/// The good word if nothing is wrong.
fn verdict(wrong: &[String], good: impl Into<String>) -> Result<String, String> {
    if wrong.is_empty() { Ok(good.into()) } else { Err(wrong.join("; ")) }
}

/// What is not as it has to be, among pairs of a name, what is found and what is wanted.
fn differences<'a>(rows: impl IntoIterator<Item = (&'a str, String, String)>) -> Vec<String> {
    let wrong = rows.into_iter().filter(|(_, found, wanted)| found != wanted);
    wrong.map(|(name, found, wanted)| format!("{name} is {found:?} instead of {wanted:?}")).collect()
}

fn system_calls(found: &Found<'_>) -> Result<String, String> {
    // Another kernel answers there; what it lets through ends in it.
    if found.host.runtime.contains("runsc") || found.host.runtime.contains("kata") {
        return Ok(format!("{} has a kernel of its own for its containers", found.host.runtime));
    }
    let (mut wrong, mut refused) = (Vec::new(), 0);
    for (name, answer) in found.facts.all("syscall") {
        let as_it_should =
            if NEEDED.contains(&name) { answer == "passes" } else { REFUSALS.contains(&answer) };
        refused += usize::from(as_it_should && answer != "passes");
        if !as_it_should {
            wrong.push(format!("{name} {answer}"));
        }
    }
    if refused == 0 {
        wrong.push("no call was tried".to_owned());
    }
    verdict(&wrong, format!("{refused} calls that nobody needs are refused, {} others pass", NEEDED.len()))
}

fn privileges(found: &Found<'_>) -> Result<String, String> {
    let status = |who: &str, key: &str| found.facts.value("status", &format!("{who}:{key}")).to_owned();
    let none = "0000000000000000";
    let is_root = found.trial.root_inside;
    // CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID and SETUID, in a namespace of their own.
    let powers = if is_root { "00000000000000fb" } else { none };
    let mut rows = Vec::new();
    for (set, wanted) in
        [("CapInh", none), ("CapPrm", powers), ("CapEff", powers), ("CapBnd", powers), ("CapAmb", none)]
    {
        rows.push((set, status("self", set), wanted.to_owned()));
    }
    // KILL, SETGID and SETUID.
    rows.push(("the guest's CapEff", status("guest", "CapEff"), "00000000000000e0".to_owned()));
    rows.push(("the guest's CapBnd", status("guest", "CapBnd"), none.to_owned()));
    for who in ["self", "guest"] {
        rows.push(("NoNewPrivs", status(who, "NoNewPrivs"), "1".to_owned()));
        rows.push(("Seccomp", status(who, "Seccomp"), "2".to_owned()));
    }
    for what in ["setuid-0", "setgid-0"] {
        let wanted = if is_root { "passes" } else { "EPERM" };
        rows.push((what, found.facts.value("try", what).to_owned(), wanted.to_owned()));
    }
    let mut wrong = differences(rows);
    let asked = &found.trial.settings;
    if asked.cap_drop.as_deref() != Some(&["ALL".to_owned()]) {
        wrong.push(format!("the engine dropped {:?} and not all capabilities", asked.cap_drop));
    }
    let suid = found.facts.names("suid");
    if !suid.is_empty() {
        wrong.push(format!("the image has {}", suid.join(", ")));
    }
    let good = match is_root {
        true => "root inside with seven capabilities over its own, no more to be had, calls filtered",
        false => "no capability, none to be had, no new privileges, calls filtered",
    };
    verdict(&wrong, good)
}

fn apart(found: &Found<'_>) -> Result<String, String> {
    let denied = ["EACCES", "EPERM"];
    let mut wrong = Vec::new();
    for what in [
        "read:/proc/1/mem",
        "read:/proc/1/environ",
        "read:/proc/1/maps",
        "list:/proc/1/fd",
        "kill-guest",
        "read:/usr/local/bin/eval-guest",
        "write:/dev/ptmx",
    ] {
        let answer = found.facts.value("try", what);
        if !denied.contains(&answer) {
            wrong.push(format!("{what}: {answer}"));
        }
    }
    verdict(&wrong, "a learner can neither read nor signal the guest, nor read its file, nor make terminals")
}

fn files(found: &Found<'_>) -> Result<String, String> {
    let mounted = found.trial.settings.mounts.iter().flatten().filter_map(|mount| mount.target.as_deref());
    let mounted: Vec<_> = mounted.collect();
    if !mounted.contains(&sandbox::GUEST_PROGRAM) {
        return Err(format!("no guest among {}", mounted.join(", ")));
    }
    verdict(&found.trial.changed_files, mounted.join(", "))
}

fn uids(found: &Found<'_>) -> Result<String, String> {
    let [(guest, learner), (other_guest, other_learner)] = found.trial.uids;
    let mut all = vec![guest, learner, other_guest, other_learner];
    all.sort_unstable();
    all.dedup();
    // As whoever asks inside is told; root inside is the learner's uid outside, which PID 1 sees.
    let seen = if found.trial.root_inside { 0 } else { learner };
    let inside = format!("{seen},{seen},{seen},{seen}");
    let mut wrong = differences([
        ("the learner's Uid", found.facts.value("status", "self:Uid").to_owned(), inside.clone()),
        ("the learner's Gid", found.facts.value("status", "self:Gid").to_owned(), inside),
        ("the guest's uid", format!("{:?}", found.trial.guest_uid), format!("{:?}", Some(guest))),
    ]);
    if all.len() != 4 || all.contains(&0) {
        wrong.push(format!("two live containers have {guest}, {learner} and {other_guest}, {other_learner}"));
    }
    verdict(
        &wrong,
        format!("guest {guest} and learner {learner}; beside it {other_guest} and {other_learner}"),
    )
}

fn namespaces(found: &Found<'_>) -> Result<String, String> {
    let shared = &found.trial.shared_namespaces;
    if shared.is_empty() {
        return Ok("cgroup, ipc, mnt, net, pid, uts of its own".to_owned());
    }
    Err(format!("the host's own: {}", shared.join(", ")))
}

fn network(found: &Found<'_>) -> Result<String, String> {
    let interfaces = found.facts.names("interface");
    let mut wrong = Vec::new();
    if interfaces != ["lo"] {
        wrong.push(format!("it has {}", interfaces.join(", ")));
    }
    for (target, answer) in found.facts.all("connect").filter(|(_, answer)| *answer != "ENETUNREACH") {
        wrong.push(format!("{target}: {answer}"));
    }
    for kind in ["abstract", "ruler"] {
        wrong.extend(found.facts.names(kind).iter().map(|name| format!("a socket {name} is there")));
    }
    verdict(&wrong, "a loopback of its own and nothing beyond")
}

fn masks(found: &Found<'_>) -> Result<String, String> {
    let paths: Vec<_> = found.facts.all("mask").collect();
    let open = paths.iter().filter(|(_, state)| !["covered", "absent"].contains(state));
    let mut wrong: Vec<_> = open.map(|(path, state)| format!("{path} is {state}")).collect();
    for path in READ_ONLY {
        let options = found.facts.value("mount", path);
        let there = std::path::Path::new(path).exists();
        if there && !options.split([' ', ',']).any(|option| option == "ro") {
            wrong.push(format!("{path} is not mounted read-only"));
        }
    }
    if paths.is_empty() {
        wrong.push("nothing was looked at".to_owned());
    }
    verdict(&wrong, format!("{} covered, {} read-only", paths.len(), READ_ONLY.len()))
}

fn writable(found: &Found<'_>) -> Result<String, String> {
    let mut places = found.facts.names("writable");
    places.sort_unstable();
    let home = sandbox::HOME;
    let work = format!("{home}/work");
    let mut wrong = Vec::new();
    if places != ["/dev/shm", home, &work, "/tmp"] {
        wrong.push(format!("files can be made in {}", places.join(", ")));
    }
    for place in [sandbox::GUEST_DIR, sandbox::GUEST_PROGRAM, "/etc/passwd", "/etc/group"] {
        let options = found.facts.value("mount", place);
        if !options.split([' ', ',']).any(|option| option == "ro") {
            wrong.push(format!("{place} is mounted {options:?}"));
        }
    }
    let folders = found.facts.all("folders").next().map_or("no", |(count, _)| count);
    verdict(&wrong, format!("home, /tmp and /dev/shm, of {folders} folders"))
}

/// Place, MiB, files, whether programs may be executed.
fn disk_rows(trial: &Trial) -> [(&'static str, u32, u32, bool); 3] {
    let inodes = sandbox::home_inodes(&trial.limits);
    [
        (sandbox::HOME, trial.limits.disk_mib, inodes, true),
        ("/tmp", sandbox::TMP_MIB, sandbox::TMP_INODES, false),
        ("/dev/shm", sandbox::SHM_MIB, sandbox::SHM_INODES, false),
    ]
}

fn disks(found: &Found<'_>) -> Result<String, String> {
    let mut wrong = Vec::new();
    for (place, mib, inodes, executable) in disk_rows(found.trial) {
        let size = format!("{} {inodes}", u64::from(mib) * 1024);
        wrong.extend(differences([(place, found.facts.value("disk", place).to_owned(), size)]));
        let options = found.facts.value("mount", place);
        for option in ["nosuid", "nodev", "noexec"] {
            let wanted = option != "noexec" || !executable;
            if options.split([' ', ',']).any(|one| one == option) != wanted {
                wrong.push(format!("{place} is mounted {options:?}"));
            }
        }
        let tried = found.facts.value("try", &format!("execute:{place}"));
        if !executable && tried != "EACCES" {
            wrong.push(format!("executing in {place}: {tried}"));
        }
    }
    verdict(&wrong, "home, /tmp and /dev/shm have their sizes and numbers of files; only home holds programs")
}

fn full(found: &Found<'_>) -> Result<String, String> {
    let mut wrong = Vec::new();
    for (place, mib, inodes, _) in disk_rows(found.trial) {
        let bytes: u32 = found.facts.value("full", place).parse().unwrap_or(u32::MAX);
        let names: u32 = found.facts.value("names", place).parse().unwrap_or(u32::MAX);
        if bytes > mib || names >= inodes || names == 0 {
            wrong.push(format!("{place} took {bytes} MiB and {names} files"));
        }
    }
    let works = found.facts.names("works-when-full");
    if works != ["passes"] {
        wrong.push(format!("a program of 40 MiB beside full disks: {works:?}"));
    }
    verdict(&wrong, "with every folder full a program still has memory to work with")
}

fn memory(found: &Found<'_>) -> Result<String, String> {
    let wanted = u64::from(sandbox::memory_mib(&found.trial.limits)) * MIB;
    let Some(bounds) = found.trial.bounds else { return Err("its control group was not found".to_owned()) };
    if bounds.memory_bytes != Some(wanted) {
        return Err(format!("limited to {:?} bytes instead of {wanted}", bounds.memory_bytes));
    }
    let version = bounds.version;
    match bounds.memory_and_swap_bytes {
        Some(both) if both == wanted => {
            Ok(format!("{} MiB, swap included (version {version})", wanted / MIB))
        }
        None if !host_has_swap() => {
            Ok(format!("{} MiB; swap is not counted, and there is none", wanted / MIB))
        }
        both => Err(format!("memory and swap together are limited to {both:?} bytes")),
    }
}

fn host_has_swap() -> bool {
    let swaps = std::fs::read_to_string("/proc/swaps").unwrap_or_default();
    swaps.lines().count() > 1
}

fn processes(found: &Found<'_>) -> Result<String, String> {
    let wanted = i64::from(found.trial.limits.processes) + sandbox::GUEST_TASKS;
    match found.trial.bounds.and_then(|bounds| bounds.processes) {
        Some(limit) if i64::from(limit) == wanted => Ok(format!("{limit}, the guest's own included")),
        other => Err(format!("limited to {other:?} instead of {wanted}")),
    }
}

fn cpu(found: &Found<'_>) -> Result<String, String> {
    let wanted = f64::from(found.trial.limits.cpu_percent) / 100.0;
    match found.trial.bounds.and_then(|bounds| bounds.cpus) {
        Some(cpus) if (cpus - wanted).abs() < 0.01 => Ok(format!("{cpus} processors")),
        other => Err(format!("limited to {other:?} instead of {wanted} processors")),
    }
}

fn limits(found: &Found<'_>) -> Result<String, String> {
    let file_size = u64::from(found.trial.limits.disk_mib) * MIB;
    let rows = [
        ("core", "0".to_owned()),
        ("fsize", file_size.to_string()),
        ("memlock", "0".to_owned()),
        ("msgqueue", "0".to_owned()),
        ("nofile", sandbox::OPEN_FILES.to_string()),
        ("rtprio", "0".to_owned()),
        ("sigpending", sandbox::PENDING_SIGNALS.to_string()),
    ];
    let found_and_wanted = rows
        .map(|(name, value)| (name, found.facts.value("limit", name).to_owned(), format!("{value} {value}")));
    let mut wrong = differences(found_and_wanted);
    let tries = [
        ("open-files", "EMFILE"),
        ("nice--20", "EACCES"),
        ("raise-nofile", "EPERM"),
        ("raise-fsize", "EPERM"),
    ];
    wrong.extend(differences(
        tries.map(|(what, wanted)| (what, found.facts.value("try", what).to_owned(), wanted.to_owned())),
    ));
    // The guest sees to it, too: so it is asked of the engine.
    let core =
        found.trial.settings.ulimits.iter().flatten().find(|limit| limit.name.as_deref() == Some("core"));
    if core.is_none_or(|limit| limit.hard != Some(0)) {
        wrong.push(format!("the engine limits core files to {core:?}"));
    }
    let sparse = found.facts.value("try", "sparse-10g");
    if !["EFBIG", "signal-25"].contains(&sparse) {
        wrong.push(format!("a sparse file of 10 GiB: {sparse}"));
    }
    verdict(&wrong, "files, their size, signals, queues, core and locked memory; none can be raised")
}

fn sysv(found: &Found<'_>) -> Result<String, String> {
    let rows = [("shmall", sandbox::SYSV_SHM_PAGES), ("shmmni", sandbox::SYSV_SHM_SEGMENTS)];
    let wrong = differences(
        rows.map(|(name, wanted)| (name, found.facts.value("sysctl", name).to_owned(), wanted.to_owned())),
    );
    verdict(&wrong, format!("{} pages at most", sandbox::SYSV_SHM_PAGES))
}

/// The guest lowers its own as far as the kernel lets it, and makes the learner's the highest there is.
fn oom_score(found: &Found<'_>) -> Result<String, String> {
    let (asked, learners) = (found.trial.settings.oom_score_adj, found.facts.names("oom-score"));
    if asked != Some(sandbox::OOM_SCORE) || learners != ["1000"] {
        return Err(format!("the container has {asked:?}, a learner's program {learners:?}"));
    }
    Ok("a learner's programs before anything else".to_owned())
}

fn log(found: &Found<'_>) -> Result<String, String> {
    let driver = found.trial.settings.log_config.as_ref().and_then(|config| config.typ.as_deref());
    match driver {
        Some("none") => Ok("the engine keeps nothing of what it prints".to_owned()),
        other => Err(format!("the engine logs by {}", other.unwrap_or("its own choice"))),
    }
}

fn eaten(found: &Found<'_>) -> Result<String, String> {
    let eaten = &found.trial.eaten;
    if eaten.ending != (Ending::Signaled { signal: 9 }) || eaten.kills == 0 || !eaten.guest_lives {
        return Err(format!(
            "a program without end ended with {:?}, the kernel counted {}, the guest lives: {}",
            eaten.ending, eaten.kills, eaten.guest_lives
        ));
    }
    Ok("the kernel killed it, counted it, and left the guest alive".to_owned())
}

fn ends(found: &Found<'_>) -> Result<String, String> {
    match found.trial.lived.map(|lived| lived.as_millis()) {
        Some(lived) if lived <= LIFE_BOUND_MS => Ok(format!("a life of 2 s was over after {lived} ms")),
        Some(lived) => Err(format!("a life of 2 s lasted {lived} ms")),
        None => Err("a life of 2 s did not end".to_owned()),
    }
}

fn killed(found: &Found<'_>) -> Result<String, String> {
    let uproar = found.trial.uproar.strip_prefix("storm ").unwrap_or("no");
    match found.trial.removal {
        Some(took) => Ok(format!("gone after {} ms with {uproar} processes shouting", took.as_millis())),
        None => Err(format!("with {uproar} processes shouting it outlasted the deadline for removals")),
    }
}
