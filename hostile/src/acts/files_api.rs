//! Asks the API for what it must not give, request by request, byte by byte.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use uuid::Uuid;

use super::{Acted, Scene};
use crate::case::Ask;
use crate::ground::{Learner, exchange};

/// What a whole answer may take at most before it counts as none.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn act(scene: Scene<'_>) -> anyhow::Result<Acted> {
    let learner = scene.ground.learner("mallory").await?;
    let workspace = learner.open(&scene.slug()).await?.id;
    if let Some(payload) = scene.row.payload() {
        learner.save(workspace, &payload.files).await?;
    }
    let began = Instant::now();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for ask in &scene.row.case.file.asks {
        for path in paths(scene, ask)? {
            count += 1;
            one(scene, &learner, workspace, ask, &path, &mut wrong).await?;
        }
    }
    Ok(Acted::held(began, wrong, format!("{count} requests")))
}

/// The values of `{path}`; one empty one when there are none.
fn paths(scene: Scene<'_>, ask: &Ask) -> anyhow::Result<Vec<Vec<u8>>> {
    let Some(name) = &ask.paths else { return Ok(vec![Vec::new()]) };
    let path = scene.row.case.folder.join(name);
    let text = std::fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# "));
    lines.map(|line| unescape(line).with_context(|| format!("{name}: {line}"))).collect()
}

async fn one(
    scene: Scene<'_>,
    learner: &Learner,
    workspace: Uuid,
    ask: &Ask,
    path: &[u8],
    wrong: &mut Vec<String>,
) -> anyhow::Result<()> {
    let fill = |text: &str| {
        let text = text.replace("{workspace}", &workspace.to_string());
        let text = text.replace("{other_workspace}", &scene.neighbour.workspace.to_string());
        text.replace("{other_session}", &scene.neighbour.session.to_string())
    };
    let body = match &ask.body {
        Some(body) => fill_path(&unescape(&fill(body))?, path),
        None => Vec::new(),
    };
    let mut request = Vec::new();
    request.extend_from_slice(format!("{} /api/v1", ask.method).as_bytes());
    request.extend(fill_path(fill(&ask.path).as_bytes(), path));
    let host = learner.base.trim_start_matches("http://");
    let headers = format!(
        " HTTP/1.1\r\nHost: {host}\r\nOrigin: {}\r\nCookie: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
        learner.base,
        learner.cookie,
        body.len()
    );
    request.extend_from_slice(headers.as_bytes());
    for header in &ask.headers {
        request.extend(fill_path(fill(header).as_bytes(), path));
        request.extend_from_slice(b"\r\n");
    }
    request.extend_from_slice(b"\r\n");
    request.extend(body);
    let reply = exchange(&learner.base, &request, PATIENCE).await?;
    learner.watch.look("an answer of the API", &reply.bytes);
    let what = || {
        let start: Vec<u8> = path.iter().take(60).copied().collect();
        format!("{} {} {:?}", ask.method, ask.path, String::from_utf8_lossy(&start))
    };
    if !reply.status.is_some_and(|status| ask.status.contains(&status)) {
        let answer = String::from_utf8_lossy(&reply.bytes).chars().take(300).collect::<String>();
        wrong.push(format!("{}: {:?} instead of {:?}: {answer}", what(), reply.status, ask.status));
    }
    if let Some(limit) = ask.within_ms.map(|ms| Duration::from_millis(ms.into()))
        && reply.took > limit
    {
        wrong.push(format!("{}: took {:?} of {limit:?}", what(), reply.took));
    }
    Ok(())
}

fn fill_path(text: &[u8], path: &[u8]) -> Vec<u8> {
    const NAME: &[u8] = b"{path}";
    match text.windows(NAME.len()).position(|window| window == NAME) {
        Some(at) => {
            let (before, after) = text.split_at(at);
            [before, path, after.get(NAME.len()..).unwrap_or_default()].concat()
        }
        None => text.to_vec(),
    }
}

/// `\n`, `\r`, `\0`, `\\`, `\xNN` and `{a*5000}`.
pub(super) fn unescape(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..).unwrap_or_default();
        rest = match first {
            '\\' => escape(after, &mut bytes)?,
            '{' => repeat(after, &mut bytes)?,
            _ => {
                bytes.extend_from_slice(first.to_string().as_bytes());
                after
            }
        };
    }
    Ok(bytes)
}

fn escape<'a>(text: &'a str, bytes: &mut Vec<u8>) -> anyhow::Result<&'a str> {
    let kind = text.chars().next().context("a backslash at the end")?;
    let after = text.get(kind.len_utf8()..).unwrap_or_default();
    match kind {
        'n' => bytes.push(b'\n'),
        'r' => bytes.push(b'\r'),
        '0' => bytes.push(0),
        'x' => {
            let digits = after.get(..2).context("\\x wants two digits")?;
            bytes.push(u8::from_str_radix(digits, 16)?);
            return Ok(after.get(2..).unwrap_or_default());
        }
        other => bytes.extend_from_slice(other.to_string().as_bytes()),
    }
    Ok(after)
}

/// `a*5000}`; anything else in braces stays as it is.
fn repeat<'a>(text: &'a str, bytes: &mut Vec<u8>) -> anyhow::Result<&'a str> {
    if let Some((inner, after)) = text.split_once('}')
        && let Some((what, times)) = inner.rsplit_once('*')
        && let Ok(times) = times.parse()
    {
        bytes.extend(what.as_bytes().repeat(times));
        return Ok(after);
    }
    bytes.push(b'{');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_written_in_a_line_can_be_said() {
        let rows: [(&str, &[u8]); 6] = [
            ("a/b", b"a/b"),
            ("a\\0b\\n", b"a\0b\n"),
            ("\\xff\\x1b", b"\xff\x1b"),
            ("\\\\", b"\\"),
            ("{ab*3}!", b"ababab!"),
            ("{\"a\": 1}", b"{\"a\": 1}"),
        ];
        for (text, bytes) in rows {
            assert_eq!(unescape(text).unwrap(), bytes, "{text}");
        }
        assert_eq!(fill_path(b"/files/{path}?x", b"a"), b"/files/a?x");
    }
}
