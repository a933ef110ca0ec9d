//! `gradus doctor --sandbox`: an operator asks whether this host holds what the sandbox promises.

use std::process::Command;

#[test]
fn the_sandbox_is_proved_on_this_host_control_by_control() {
    let data = tempfile::tempdir().unwrap();
    let asked = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .args(["doctor", "--sandbox", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    assert!(asked.status.success(), "{said}{}", String::from_utf8_lossy(&asked.stderr));
    for check in ["host", "system calls", "privileges", "no network", "memory", "killed in uproar"] {
        assert!(said.lines().any(|line| line.starts_with(&format!("ok       {check}: "))), "{check}: {said}");
    }
    assert!(said.ends_with("Nothing is lacking.\n"), "{said}");
}

#[test]
fn what_is_not_there_is_named_with_the_command_that_mends_it() {
    let data = tempfile::tempdir().unwrap();
    let asked = Command::new(env!("CARGO_BIN_EXE_gradus"))
        .args(["doctor", "--sandbox", "--guest", "/nowhere/eval-guest", "--data"])
        .arg(data.path())
        .output()
        .unwrap();
    let said = String::from_utf8(asked.stdout).unwrap();
    assert_eq!(asked.status.code(), Some(1), "{said}");
    assert!(
        said.contains("LACKING  guest: /nowhere/eval-guest is not there\n         → make guest"),
        "{said}"
    );
}
