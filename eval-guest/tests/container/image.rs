//! The image the tests run in: a static busybox, programs that mean harm, and the few libraries that a guest built for tests needs.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

/// Raise the number with any change below.
pub const NAME: &str = "gradus-test/busybox:4";

/// Waits to become `waits`, which runs a script of one line.
const ZYGOTE: &str = r#"#!/bin/sh
printf ready >&0
order=$(dd bs=65536 count=1 2>/dev/null | tr '\0' '\n')
[ -n "$order" ] || exit 0
IFS='
'
set -- $order
cd "$2"
shift $(($1 + 1))
exec waits "$3" </dev/null
"#;
const WAITS: &str = "#!/bin/sh\nexec sh -c \"$1\"\n";

const BUSYBOX: &str = "/bin/busybox";

/// Makes the image unless it is there. Tests are processes of their own: a lock makes one of them do it.
pub fn ensure() {
    let lock = File::create(std::env::temp_dir().join("gradus-test-busybox.lock")).unwrap();
    lock.lock().unwrap();
    let there = Command::new("docker").args(["image", "inspect", NAME]).output().expect("docker is needed");
    if !there.status.success() {
        make();
    }
}

fn make() {
    assert!(Path::new(BUSYBOX).exists(), "{BUSYBOX} is needed: install the Debian package busybox-static");
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    for name in [
        "bin",
        "usr/local/bin",
        "usr/bin",
        "etc",
        "home/learner",
        "tmp",
        "proc",
        "sys",
        "dev",
        "run/gradus",
        "usr/local/lib/gradus/zygotes",
    ] {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    fs::copy(BUSYBOX, root.join("bin/busybox")).unwrap();
    for applet in output(BUSYBOX, &["--list"]).lines() {
        let _ = symlink("busybox", root.join("bin").join(applet));
    }
    for program in ["bomb", "server"] {
        let source = format!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/container/{}.c"), program);
        let mut cc = Command::new("cc");
        let cc = cc.args(["-static", "-O1", "-w", "-o"]).arg(root.join("bin").join(program)).arg(source);
        assert!(cc.status().unwrap().success(), "a C compiler is needed");
    }
    for (name, text) in [("bin/waits", WAITS), ("usr/local/lib/gradus/zygotes/waits", ZYGOTE)] {
        fs::write(root.join(name), text).unwrap();
        fs::set_permissions(root.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for library in libraries() {
        let copy = root.join(library.trim_start_matches('/'));
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&library, copy).unwrap();
    }
    let mut tar = Command::new("tar");
    let mut tar = tar.arg("-C").arg(root).args(["-c", "."]).stdout(Stdio::piped()).spawn().unwrap();
    let archive = tar.stdout.take().unwrap();
    let import = Command::new("docker").args(["import", "-", NAME]).stdin(archive).output().unwrap();
    assert!(tar.wait().unwrap().success());
    assert!(import.status.success(), "{}", String::from_utf8_lossy(&import.stderr));
}

/// What a dynamically linked guest (as `cargo test` builds it) loads; the static one needs none of it.
fn libraries() -> Vec<String> {
    output("ldd", &[env!("CARGO_BIN_EXE_eval-guest")])
        .split_whitespace()
        .filter(|word| word.starts_with('/'))
        .map(str::to_owned)
        .collect()
}

fn output(program: &str, arguments: &[&str]) -> String {
    String::from_utf8(Command::new(program).args(arguments).output().unwrap().stdout).unwrap()
}
