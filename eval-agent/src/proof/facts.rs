//! What the probe said, line by line: a kind, a name, a value.

/// Lines of `eval-probe`.
#[derive(Debug, Default)]
pub struct Facts {
    lines: Vec<(String, String, String)>,
}

impl Facts {
    pub fn read(text: &str) -> Self {
        let lines = text.lines().map(|line| {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            let (name, value) = rest.split_once(' ').unwrap_or((rest, ""));
            (kind.to_owned(), name.to_owned(), value.to_owned())
        });
        Self { lines: lines.collect() }
    }

    /// Names and values of one kind.
    pub fn all<'a>(&'a self, kind: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let lines = self.lines.iter().filter(move |line| line.0 == kind);
        lines.map(|line| (line.1.as_str(), line.2.as_str()))
    }

    pub fn names<'a>(&'a self, kind: &str) -> Vec<&'a str> {
        self.all(kind).map(|(name, _)| name).collect()
    }

    /// The last value: of mounts over one another, the one that counts. Nothing said is the empty text.
    pub fn value(&self, kind: &str, name: &str) -> &str {
        self.all(kind).filter(|(found, _)| *found == name).last().map_or("", |(_, value)| value)
    }
}
