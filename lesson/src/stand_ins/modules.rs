//! Stand-ins for modules that tests import: a few lines that have the library of the lesson's image stand for all the
//! learner's module gives (`lesson-images/images/{python,javascript}/lib`).

use std::fmt::Write as _;

use ide_protocol::files::WorkspacePath;

/// The languages whose images have such a library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Python,
    /// Modules in the form of the standard (`import`, `export`), whose names have to be known before anything runs.
    JavaScript,
}

impl Language {
    pub(crate) fn of(path: &WorkspacePath) -> Option<Self> {
        match path.as_str().rsplit_once('.')?.1 {
            "py" => Some(Self::Python),
            "js" | "mjs" => Some(Self::JavaScript),
            _ => None,
        }
    }
}

/// What stands at `path`; `exports` is empty where the language does not ask for it. Paths of no known language have
/// been refused when the lesson was read.
pub(super) fn text(path: &WorkspacePath, exports: &[String]) -> String {
    match Language::of(path) {
        Some(Language::JavaScript) => javascript(path, exports),
        Some(Language::Python) | None => python(path),
    }
}

fn python(path: &WorkspacePath) -> String {
    format!("import gradus_stand_in\n\ngradus_stand_in.take_place(__name__, {})\n", quoted(path.as_str()))
}

fn javascript(path: &WorkspacePath, exports: &[String]) -> String {
    let mut text =
        "import { standIn } from \"/usr/local/lib/gradus/stand-in.mjs\";\n\nconst given = standIn("
            .to_owned();
    let names: Vec<String> = exports.iter().map(|name| quoted(name)).collect();
    let _ = writeln!(text, "{}, [{}]);", quoted(path.as_str()), names.join(", "));
    // A name such as `default` or `new` is none for a constant.
    for (index, name) in exports.iter().enumerate() {
        let _ = writeln!(text, "const _{index} = given[{index}];\nexport {{ _{index} as {name} }};");
    }
    text
}

/// JSON's texts are texts in both languages.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Whether a module can export something by this name.
pub(crate) fn is_name(name: &str) -> bool {
    let first = |char: char| char.is_ascii_alphabetic() || matches!(char, '_' | '$');
    name.starts_with(first) && name.chars().all(|char| first(char) || char.is_ascii_digit())
}
