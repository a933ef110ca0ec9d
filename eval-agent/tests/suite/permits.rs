//! A lesson that asks for more than the host gives is refused in words that name the way out, and runs once allowed – with
//! what it asked for, and no more.

use eval_agent::{Ceilings, Permits};
use ide_protocol::files::WorkspaceFile;
use ide_protocol::results::{GradingOutcome, Outcome};
use lesson::Lesson;

use crate::grading::verdict;
use crate::world::{ANSWER, World, file, outside_lesson, shell_lesson, shell_lesson_with};

const RIGHT: &str = "echo \"hello${1:+ $1}\"";
const LARGE: &str = "wall_seconds = 10\nmemory_mib = 300";

fn permits(allowed: &[&str]) -> Permits {
    let ceilings = Ceilings { memory_mib: 256, ..Ceilings::default() };
    Permits { ceilings, allowed: allowed.iter().map(|text| text.parse().unwrap()).collect() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lesson_above_the_ceiling_is_the_lessons_fault_until_it_is_allowed_by_name() {
    let refused_by = [&[][..], &["another=memory"], &["greeting=cpu"]];
    let world = World::new().await;
    for allowed in refused_by {
        let agent = world.agent_with(|config| {
            config.permits = permits(allowed);
            config.warm_total = 0;
        });
        let job = world.hand_in(&shell_lesson_with(LARGE), RIGHT).await;
        let outcome = world.result(job).await.outcome;
        let GradingOutcome::LessonFault { fault } = outcome else { panic!("{outcome:?}") };
        let text = fault.to_string();
        assert!(text.contains("asks for 300 MiB of memory and this host gives 256"), "{text}");
        assert!(text.contains("--allow greeting=memory"), "{text}");
        agent.stop().await;
    }
    let agent = world.agent_with(|config| config.permits = permits(&["greeting=memory"]));
    let job = world.hand_in(&shell_lesson_with(LARGE), RIGHT).await;
    assert_eq!(verdict(world.result(job).await.outcome).outcome, Outcome::Passed);
    agent.stop().await;
}

/// A learner who is root inside: what they may do, line by line, and what not.
const AS_ROOT: &str = r#"
try() { "$@" >/dev/null 2>&1 && echo yes || echo no; }
touch mine
said="$(id -un) $(id -u):$(id -g)"
said="$said/$(try chown alice:bob mine)$(stat -c %U:%G mine)"
# Another's file, closed to everybody else, is open to root; what the host's root owns is not.
said="$said/$(chmod 0 mine; try cat mine)$(try cat /etc/shadow)$(try touch /etc/motd)"
said="$said/$(setpriv --reuid alice --regid alice --clear-groups id -un)$(try setpriv --reuid 5000 id)"
sleep 60 & said="$said/$(try setpriv --reuid bob --clear-groups bash -c "kill $!")$(try kill $!)"
# The guest is in the namespace around, nobody may make one of their own, and no door of the host is nearer.
said="$said/$(try kill -9 1)$(try unshare -U true)$(try unshare -m true)$(try nsenter -t 1 -U true)$(try mknod x c 1 3)$(try chroot / true)"
if [ "$said" = "root 0:0/yesalice:bob/yesnono/aliceno/noyes/nononononono" ]; then echo "hello${1:+ $1}"; else echo "$said" >&2; fi
"#;

/// What is asked for, by the name that an operator allows.
fn rows() -> [(&'static str, Lesson, &'static str); 2] {
    let mut root = shell_lesson();
    root.manifest.needs.root = true;
    let mut network = shell_lesson();
    network.manifest.needs.network = vec!["db".to_owned(), "cache".to_owned()];
    // Two servers on one port, found by name, each hearing its own callers; no name leads out.
    let hosts = r#"
serve() { exec perl -MIO::Socket::INET -e '
  my $s = IO::Socket::INET->new(LocalAddr => $ARGV[0], LocalPort => 80, Listen => 5, ReuseAddr => 1) or die; print "up\n"; close STDOUT;
  while (my $c = $s->accept) { print $c "$ARGV[0] hears " . $c->peerhost . "\n"; close $c }' "$1"; }
ask() { exec 3<>"/dev/tcp/$1/80" && head -1 <&3; }
up() { read -r line < <(serve "$1"); servers="$servers $!"; }
up db; up cache
trap 'kill $servers' EXIT
said="$(ask db)/$(ask cache)/$(getent hosts db cache | tr -s ' \n' ' ')/$( (exec 3<>/dev/tcp/example.org/80) 2>/dev/null && echo out || echo in)"
[ "$said" = "db hears 127.0.0.1/cache hears 127.0.0.1/127.0.0.2 db 127.0.0.3 cache /in" ] && echo "hello${1:+ $1}" || echo "$said" >&2
"#;
    [("root", root, AS_ROOT), ("network", network, hosts)]
}

#[tokio::test(flavor = "multi_thread")]
async fn root_and_a_network_are_had_by_name_alone_and_are_what_they_are_said_to_be() {
    let world = World::new().await;
    for (need, lesson, answer) in rows() {
        let agent = world.agent_with(|config| config.permits = permits(&["greeting=memory,cpu,processes"]));
        let job = world.hand_in(&lesson, answer).await;
        let outcome = world.result(job).await.outcome;
        let GradingOutcome::LessonFault { fault } = outcome else { panic!("{need}: {outcome:?}") };
        assert!(fault.to_string().contains(&format!("--allow greeting={need}")), "{fault}");
        agent.stop().await;

        let agent = world.agent_with(|config| config.permits = permits(&[&format!("greeting={need}")]));
        let job = world.hand_in(&lesson, answer).await;
        let verdict = verdict(world.result(job).await.outcome);
        assert_eq!(verdict.outcome, Outcome::Passed, "{need}: {verdict:?}");
        agent.stop().await;
    }
}

/// Root is the learner's, where it is allowed: the tests of a lesson that is judged outside run without.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_judges_from_outside_is_not_root() {
    let world = World::new().await;
    let agent = world.agent_with(|config| config.permits = permits(&["greeting=root"]));
    let mut lesson = outside_lesson();
    lesson.manifest.needs.root = true;
    let check = lesson.files.iter_mut().find(|(path, _)| path.as_str() == "tests/check.sh").unwrap().1;
    check.content.extend(b"[ \"$(id -un)\" = learner ] || exit 3\n");
    let answer = "#!/bin/bash\n[ $(id -u) = 0 ] && echo \"hello${1:+ $1}\"\n";
    let answer = WorkspaceFile { executable: true, ..file(ANSWER, answer) };
    let job = world.hand_in_files(&lesson, vec![answer]).await;
    let verdict = verdict(world.result(job).await.outcome);
    assert_eq!(verdict.outcome, Outcome::Passed, "{verdict:?}");
    agent.stop().await;
}
