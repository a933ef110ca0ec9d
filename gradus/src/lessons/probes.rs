//! Programs that must not pass, made out of the solution: the right answer that ends before anybody asked, and the one
//! that never comes. They stand for what beginners and forgers write, in each language by its own means.

use ide_protocol::files::{FileContent, WorkspaceFile};
use lesson::Lesson;

/// What is wrong with the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    EarlyExit,
    EndlessLoop,
}

impl std::fmt::Display for Probe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::EarlyExit => "early exit",
            Self::EndlessLoop => "endless loop",
        })
    }
}

/// How a language is made to do it: text put before the first line of code, or after the last.
struct Plant {
    extensions: &'static [&'static str],
    before: bool,
    exit: &'static str,
    endless: &'static str,
}

const PLANTS: [Plant; 5] = [
    Plant {
        extensions: &["py"],
        before: true,
        exit: "import os; os._exit(0)\n",
        endless: "while True: pass\n",
    },
    Plant {
        extensions: &["js", "mjs", "cjs"],
        before: true,
        exit: "process.exit(0);\n",
        endless: "for (;;) {}\n",
    },
    Plant { extensions: &["sh", "bash"], before: true, exit: "exit 0\n", endless: "while :; do :; done\n" },
    Plant {
        extensions: &["c"],
        before: false,
        exit: "\n#include <unistd.h>\n__attribute__((constructor)) static void probe(void) { _exit(0); }\n",
        endless: "\n__attribute__((constructor)) static void probe(void) { volatile int on = 1; while (on) {} }\n",
    },
    Plant {
        extensions: &["sql"],
        before: true,
        exit: "SELECT pg_terminate_backend(pg_backend_pid());\n",
        endless: "DO $$ BEGIN LOOP END LOOP; END $$;\n",
    },
];

/// The solution with the probe in every source file of a language that is known; nothing when there is none.
pub fn planted(lesson: &Lesson, probe: Probe) -> Option<Vec<WorkspaceFile>> {
    let mut files = lesson.solution_files();
    let mut any = false;
    for file in &mut files {
        let extension = file.path.as_str().rsplit_once('.').map_or("", |(_, extension)| extension);
        let Some(plant) = PLANTS.iter().find(|plant| plant.extensions.contains(&extension)) else { continue };
        let FileContent::Text(text) = &file.content else { continue };
        file.content = FileContent::Text(plant.put_into(text, probe));
        any = true;
    }
    any.then_some(files)
}

impl Plant {
    fn put_into(&self, text: &str, probe: Probe) -> String {
        let seed = if probe == Probe::EarlyExit { self.exit } else { self.endless };
        if !self.before {
            return format!("{text}{seed}");
        }
        // A first line that names the interpreter stays the first.
        let code = if text.starts_with("#!") { text.find('\n').map_or(text.len(), |end| end + 1) } else { 0 };
        let (head, code) = text.split_at_checked(code).unwrap_or(("", text));
        format!("{head}{seed}{code}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probe_comes_first_but_for_the_interpreters_name() {
        let shell = &PLANTS[2];
        assert_eq!(
            shell.put_into("#!/bin/bash\necho 1\n", Probe::EndlessLoop),
            "#!/bin/bash\nwhile :; do :; done\necho 1\n"
        );
        assert_eq!(shell.put_into("echo 1\n", Probe::EndlessLoop), "while :; do :; done\necho 1\n");
        assert!(PLANTS[3].put_into("int x;\n", Probe::EarlyExit).starts_with("int x;\n"));
    }
}
