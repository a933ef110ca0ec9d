//! What cases say step by step, in tables of `case.toml`.

use serde::Deserialize;

/// `[[types]]`: a command typed at the prompt, and what its answer must and must not show.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Typed {
    pub command: String,
    /// All of these are in the answer.
    #[serde(default)]
    pub sees: Vec<String>,
    /// None of these is.
    #[serde(default)]
    pub never: Vec<String>,
    /// The answer, line by line, is that file of the case's folder.
    #[serde(default)]
    pub golden: Option<String>,
    /// Until the prompt is back; the case's bound when left out.
    #[serde(default)]
    pub within_ms: Option<u32>,
    /// The prompt does not come back: the shell, or the machine, ends. What is seen until then counts.
    #[serde(default)]
    pub ends: bool,
}

/// `[[asks]]`: a request to the API as the attacker, sent as it stands. `{workspace}`, `{session}`, `{other_workspace}` and
/// `{other_session}` (the neighbour's) are filled in; `{path}` stands for each line of `paths` in turn.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    pub method: String,
    /// Below `/api/v1`, not escaped any further.
    pub path: String,
    /// Header lines beside `Host`, `Origin`, `Cookie` and the length.
    #[serde(default)]
    pub headers: Vec<String>,
    #[serde(default)]
    pub body: Option<String>,
    /// File of the case's folder with a value per line, for `{path}`. `\n`, `\0`, `\xNN` and `{a*5000}` are understood.
    #[serde(default)]
    pub paths: Option<String>,
    /// Statuses that are right.
    pub status: Vec<u16>,
    #[serde(default)]
    pub within_ms: Option<u32>,
}

/// `[[says]]`: something sent on the session's socket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Says {
    /// A text frame. `{x*70000}` repeats.
    #[serde(default)]
    pub text: Option<String>,
    /// A binary frame in hexadecimal.
    #[serde(default)]
    pub hex: Option<String>,
    /// So often, as fast as the socket takes it.
    #[serde(default = "once")]
    pub times: u32,
    /// The socket is then closed with one of these codes.
    #[serde(default)]
    pub closes: Vec<u16>,
    /// A message with this text is heard.
    #[serde(default)]
    pub hears: Vec<String>,
    #[serde(default)]
    pub within_ms: Option<u32>,
    /// Before the first message that a client has to say.
    #[serde(default)]
    pub before_hello: bool,
}

fn once() -> u32 {
    1
}
