//! The files that stand in the judge's container where the learner's would be. Each is a few lines that hand everything on
//! to `eval-call`, which the eval host puts into every container.
//!
//! Made of the manifest alone: no byte of the learner's is in them.

pub(crate) mod modules;

use ide_protocol::files::{FileContent, FileRole, WorkspaceFile, WorkspacePath};

use crate::lesson::FIRST_REVISION;
use crate::manifest::Manifest;

/// Where every container has it.
pub const EVAL_CALL: &str = "/usr/local/lib/gradus/eval-call";

/// All that a lesson asks for.
pub(crate) fn of(manifest: &Manifest) -> Vec<WorkspaceFile> {
    let judge = &manifest.judge;
    let commands = judge.commands.iter().map(|path| command(manifest, path));
    let modules = judge.modules.iter().map(|path| {
        let exports = judge.exports.get(path).map_or(&[][..], Vec::as_slice);
        stand_in(path, modules::text(path, exports))
    });
    commands.chain(modules).collect()
}

/// A file that may be started in every way the learner's could: by its path, through `PATH`, or by an interpreter that
/// is given its name.
fn command(manifest: &Manifest, path: &WorkspacePath) -> WorkspaceFile {
    let options = options(manifest);
    let text = if path.as_str().ends_with(".py") {
        python(&options)
    } else if is_executable(manifest, path) {
        shell(&options, "")
    } else {
        // It can only be started by a shell that is told its name.
        shell(&options, "bash ")
    };
    stand_in(path, text)
}

pub(crate) fn stand_in(path: &WorkspacePath, text: String) -> WorkspaceFile {
    WorkspaceFile {
        path: path.clone(),
        revision: FIRST_REVISION,
        content: FileContent::Text(text),
        executable: true,
    }
}

/// What a build step makes is a program.
fn is_executable(manifest: &Manifest, path: &WorkspacePath) -> bool {
    let spec = manifest.files.iter().find(|file| file.path == *path && file.role == FileRole::Editable);
    spec.is_none_or(|file| file.executable)
}

/// The options of `eval-call stand-in`. Names of variables hold nothing that a shell or Python would read as its own:
/// validation sees to it.
fn options(manifest: &Manifest) -> Vec<String> {
    let judge = &manifest.judge;
    let output = ["--output-kib".to_owned(), manifest.limits.output_kib.to_string()];
    let ports = judge.ports.iter().flat_map(|port| ["--port".to_owned(), port.to_string()]);
    let variables = judge.port_variables.iter();
    let variables = variables.flat_map(|name| ["--port-variable".to_owned(), name.clone()]);
    output.into_iter().chain(ports).chain(variables).chain(["--".to_owned()]).collect()
}

fn shell(options: &[String], interpreter: &str) -> String {
    let options = options.join(" ");
    format!("#!/bin/sh\nexec {EVAL_CALL} stand-in {options} {interpreter}\"$0\" \"$@\"\n")
}

/// Python's own command line is passed on as it was given, options and all.
fn python(options: &[String]) -> String {
    let options: Vec<String> = options.iter().map(|option| format!("\"{option}\"")).collect();
    let options = options.join(", ");
    format!(
        "#!/usr/bin/env python3\nimport os, sys\n\n\
         os.execv(\"{EVAL_CALL}\", [\"{EVAL_CALL}\", \"stand-in\", {options}, *sys.orig_argv])\n"
    )
}
