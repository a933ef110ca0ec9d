//! What is measured of one terminal.

use std::time::{Duration, Instant};

use crate::terminal::Terminal;

/// Reads on until `word` has come; how many bytes that took, its own included. What came after it is kept.
async fn until(terminal: &mut Terminal, word: &[u8]) -> anyhow::Result<usize> {
    let mut passed = 0;
    loop {
        if let Some(at) = find(&terminal.rest, word) {
            let end = at + word.len();
            terminal.rest.drain(..end);
            return Ok(passed + end);
        }
        // The word may lie across two pieces.
        let done = terminal.rest.len().saturating_sub(word.len() - 1);
        terminal.rest.drain(..done);
        passed += done;
        terminal.read().await?;
    }
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    let first = *word.first()?;
    let mut from = 0;
    loop {
        // Byte by byte first: bulk output hardly ever has the word's first letter.
        from += text.get(from..)?.iter().position(|byte| *byte == first)?;
        if text.get(from..)?.starts_with(word) {
            return Some(from);
        }
        from += 1;
    }
}

/// At a prompt, with nothing left to read.
pub async fn settle(terminal: &mut Terminal) -> anyhow::Result<()> {
    terminal
        .type_in("PS1='ready> '; bind 'set enable-bracketed-paste off'; echo settled-$((40+2))\r")
        .await?;
    until(terminal, b"settled-42").await?;
    until(terminal, b"ready> ").await?;
    Ok(())
}

/// From key to echo, in microseconds.
pub async fn echo(terminal: &mut Terminal, keys: usize, pause: Duration) -> anyhow::Result<Vec<u64>> {
    let mut taken = Vec::with_capacity(keys);
    for _ in 0..keys {
        tokio::time::sleep(pause).await;
        let began = Instant::now();
        terminal.type_in("x").await?;
        until(terminal, b"x").await?;
        taken.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    // Ctrl-U: the line is not wanted.
    terminal.type_in("\x15echo next-$((40+2))\r").await?;
    until(terminal, b"next-42").await?;
    until(terminal, b"ready> ").await?;
    Ok(taken)
}

/// How long a command's output takes, and how many bytes it is.
pub async fn bulk(terminal: &mut Terminal, command: &str) -> anyhow::Result<(Duration, usize)> {
    let began = Instant::now();
    terminal.type_in(&format!("{command}; echo over-$((40+2))\r")).await?;
    let bytes = until(terminal, b"over-42").await?;
    let took = began.elapsed();
    until(terminal, b"ready> ").await?;
    Ok((took, bytes))
}

#[cfg(test)]
mod tests {
    use super::find;

    #[test]
    fn a_word_is_found_where_it_begins() {
        let rows: [(&[u8], &[u8], Option<usize>); 5] = [
            (b"abcabd", b"abd", Some(3)),
            (b"aaab", b"aab", Some(1)),
            (b"ab", b"abc", None),
            (b"", b"x", None),
            (b"x", b"x", Some(0)),
        ];
        for (text, word, expected) in rows {
            assert_eq!(find(text, word), expected, "{text:?}");
        }
    }
}
