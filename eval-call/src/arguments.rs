//! The command line.

/// How it is written.
pub const USAGE: &str = "usage: eval-call stand-in [--port N] [--port-variable NAME] [--output-kib N] [--] PROGRAM \
                         [ARGUMENT…] | eval-call worker";

/// What a program may print in one call unless the lesson says otherwise, in KiB: what a test runner can hold several
/// times over in the smallest container.
const OUTPUT_KIB: usize = 1024;

/// What is to be done.
#[derive(Debug, PartialEq, Eq)]
pub enum Mode {
    StandIn(StandIn),
    Worker,
}

/// What to stand in for.
#[derive(Debug, PartialEq, Eq)]
pub struct StandIn {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Where the program listens while it runs.
    pub ports: Vec<u16>,
    /// Variables that hold such a port.
    pub port_variables: Vec<String>,
    /// Bytes it may print, or answer on one connection.
    pub output_bytes: usize,
}

/// `None` when it cannot be followed.
pub fn parse(mut words: impl Iterator<Item = String>) -> Option<Mode> {
    match words.next()?.as_str() {
        "stand-in" => stand_in(words).map(Mode::StandIn),
        "worker" => Some(Mode::Worker),
        _ => None,
    }
}

fn stand_in(mut words: impl Iterator<Item = String>) -> Option<StandIn> {
    let (mut ports, mut port_variables, mut output_kib) = (Vec::new(), Vec::new(), OUTPUT_KIB);
    let program = loop {
        let word = words.next()?;
        match word.as_str() {
            "--port" => ports.push(words.next()?.parse().ok()?),
            "--port-variable" => port_variables.push(words.next()?),
            "--output-kib" => output_kib = words.next()?.parse().ok()?,
            "--" => break words.next()?,
            _ => break word,
        }
    };
    let argv = std::iter::once(program).chain(words).collect();
    Some(StandIn { argv, ports, port_variables, output_bytes: output_kib.saturating_mul(1024) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Option<Mode> {
        parse(line.split(' ').map(str::to_owned))
    }

    #[test]
    fn a_program_keeps_its_own_arguments() {
        let wanted = StandIn {
            argv: ["./a.sh", "--port", "1", "--"].map(str::to_owned).to_vec(),
            ports: vec![8000],
            port_variables: vec!["PORT".to_owned()],
            output_bytes: 2048,
        };
        let line = "stand-in --port 8000 --port-variable PORT --output-kib 2 -- ./a.sh --port 1 --";
        assert_eq!(parsed(line), Some(Mode::StandIn(wanted)));
        let Some(Mode::StandIn(plain)) = parsed("stand-in a b") else { panic!() };
        assert_eq!(
            (plain.argv, plain.output_bytes),
            (vec!["a".to_owned(), "b".to_owned()], OUTPUT_KIB * 1024)
        );
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        for line in ["", "run", "stand-in", "stand-in --", "stand-in --port x a", "stand-in --port 70000 a"] {
            assert_eq!(parsed(line), None, "{line}");
        }
        assert_eq!(parsed("worker"), Some(Mode::Worker));
    }
}
