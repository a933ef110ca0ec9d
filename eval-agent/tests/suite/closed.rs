//! What a learner finds closed, tried from a learner's own terminal. Each row falls when one of the sandbox's settings does.

use uuid::Uuid;

use crate::world::{Screen, World, shell_lesson};

/// What is typed, and what has to be in the answer.
const ROWS: &[(&str, &str)] = &[
    ("id -u | cut -c1", "2"),
    ("grep -c 'CapEff:.0000000000000000' /proc/self/status", "1"),
    ("grep -c 'CapBnd:.0000000000000000' /proc/self/status", "1"),
    ("grep NoNewPrivs /proc/self/status | tr '\\t' ' '", "NoNewPrivs: 1"),
    ("grep Seccomp: /proc/self/status | tr '\\t' ' '", "Seccomp: 2"),
    ("kill -9 1", "Operation not permitted"),
    ("cat /proc/1/environ", "Permission denied"),
    ("cat /usr/local/bin/eval-guest", "Permission denied"),
    ("ls /run/gradus", "group  passwd"),
    ("touch /usr/local/bin/x", "Read-only file system"),
    ("echo x > /etc/passwd", "Read-only file system"),
    ("cp /bin/true /tmp/true; /tmp/true", "Permission denied"),
    ("mknod ~/null c 1 3", "Operation not permitted"),
    ("unshare --user --map-root-user true", "Operation not permitted"),
    ("cat < /dev/tcp/169.254.169.254/80", "Network is unreachable"),
    ("wc -c < /proc/cmdline", "0"),
    ("ls -A /sys/kernel /sys/class | grep -vc :", "1"),
    ("ulimit -c; ulimit -l", "0"),
    ("head -c 100M /dev/zero > ~/big", "No space left on device"),
    ("rm ~/big; (truncate -s 10G ~/big); echo $?", "153"),
    ("ls / > /dev/shm/x; df --output=size -BM /dev/shm | tail -1", "8M"),
    ("df --output=itotal ~ | tail -1", "8192"),
    ("cat /proc/sys/kernel/shmall /proc/sys/kernel/shmmni", "256\r\n16\r\n"),
    // The host has only so many pseudo-terminals for all containers: the guest makes them, nobody else.
    ("exec 5<>/dev/ptmx", "/dev/ptmx: Permission denied"),
    ("tty | cut -c1-9", "/dev/pts/"),
    // Writing out what the whole host has not yet written would hold up everybody else's commits.
    ("sync --file-system ~", "Operation not permitted"),
    ("echo x > ~/x && sync ~/x && echo written", "written"),
    // Extended attributes are said to be unsupported, not forbidden: cp -p, mv and sed -i go on without.
    ("rm -f /dev/shm/x; echo one > ~/a && cp -p ~/a ~/b && sed -i s/one/two/ ~/b && cat ~/b", "two"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_can_do_nothing_that_was_not_given() {
    let world = World::new().await;
    let agent = world.agent();
    let job = world.open_session(&shell_lesson()).await;
    let mut line = world.api.line(job).await;
    line.until_ready().await;
    line.join(1, Uuid::new_v4()).await;
    let mut screen = line.open_terminal(1).await;
    let mut wrong = Vec::new();
    for (number, (command, expected)) in ROWS.iter().enumerate() {
        let before = screen.text.len();
        screen.type_text(&line, &format!("{command}; echo end-$(({number}))\r")).await;
        screen.until(&mut line, &format!("end-{number}\r\n")).await;
        let answer = answer(&screen, before);
        if !answer.contains(expected) {
            wrong.push(format!("{command}: {answer:?} without {expected:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    agent.stop().await;
}

/// What came after the typed line itself.
fn answer(screen: &Screen, before: usize) -> String {
    let text = String::from_utf8_lossy(&screen.text[before..]).into_owned();
    text.split_once("))").map_or(text.clone(), |(_, answer)| answer.to_owned())
}
