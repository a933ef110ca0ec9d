//! Authors' Markdown to HTML that is safe to show: no raw HTML, no scripts, only https and relative links.
//!
//! Two walls: comrak drops raw HTML, and ammonia lets through a closed list of elements whatever comrak wrote.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::LazyLock;

use ammonia::UrlRelative;
use comrak::adapters::SyntaxHighlighterAdapter;
use comrak::options::Plugins;
use comrak::{Options, markdown_to_html_with_plugins};

const ELEMENTS: [&str; 29] = [
    "a",
    "blockquote",
    "br",
    "code",
    "del",
    "em",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "img",
    "kbd",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "ul",
];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("img", HashSet::from(["src", "alt", "title"])),
            ("ol", HashSet::from(["start"])),
            ("pre", HashSet::from(["data-lang"])),
            ("td", HashSet::from(["align"])),
            ("th", HashSet::from(["align"])),
        ]))
        .url_schemes(HashSet::from(["https"]))
        .url_relative(UrlRelative::PassThrough)
        .link_rel(Some("noopener noreferrer"));
    builder
});

/// Renders `text`.
pub(crate) fn to_html(text: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.render.github_pre_lang = true;
    let mut plugins = Plugins::default();
    plugins.render.codefence_syntax_highlighter = Some(&LanguageOnly);
    let html = markdown_to_html_with_plugins(text, &options, &plugins);
    if nesting(&html) > MAX_NESTING {
        return SANITISER.clean(&format!("<pre>{}</pre>\n", escape(text))).to_string();
    }
    SANITISER.clean(&html).to_string()
}

/// Elements within each other. Sanitising takes time with the square of it, and what is deeper than this is no text that
/// anybody reads: it is shown as it is written.
const MAX_NESTING: usize = 64;

/// How deep the elements of `html` lie within each other, as comrak writes them: text and attributes without a bare `<`.
fn nesting(html: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for tag in html.split('<').skip(1) {
        match tag.as_bytes().first() {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(b'!') => {}
            _ if ["br", "hr", "img", "input"].iter().any(|void| tag.starts_with(void)) => {}
            _ => depth += 1,
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Leaves highlighting to the IDE: names the language on `<pre data-lang>` and escapes the code.
struct LanguageOnly;

impl SyntaxHighlighterAdapter for LanguageOnly {
    fn write_highlighted(&self, output: &mut dyn fmt::Write, _: Option<&str>, code: &str) -> fmt::Result {
        output.write_str(&escape(code))
    }

    fn write_pre_tag(
        &self,
        out: &mut dyn fmt::Write,
        with: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        match with.get("lang") {
            Some(language) => write!(out, "<pre data-lang=\"{}\">", escape(language)),
            None => out.write_str("<pre>"),
        }
    }

    fn write_code_tag(
        &self,
        out: &mut dyn fmt::Write,
        _: HashMap<&'static str, Cow<'_, str>>,
    ) -> fmt::Result {
        out.write_str("<code>")
    }
}

/// Text as HTML.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lessons_look_as_written_and_nothing_runs() {
        let rows = [
            ("a **b** `c<d`", "<p>a <strong>b</strong> <code>c&lt;d</code></p>\n"),
            (
                "```python\nif a < b: \"x\"\n```",
                "<pre data-lang=\"python\"><code>if a &lt; b: \"x\"\n</code></pre>\n",
            ),
            ("```\nplain\n```", "<pre><code>plain\n</code></pre>\n"),
            (
                "[docs](https://docs.python.org/)",
                "<p><a href=\"https://docs.python.org/\" rel=\"noopener noreferrer\">docs</a></p>\n",
            ),
            ("[next](../next)", "<p><a href=\"../next\" rel=\"noopener noreferrer\">next</a></p>\n"),
            ("[x](javascript:alert(1))", "<p><a href=\"\" rel=\"noopener noreferrer\">x</a></p>\n"),
            ("[x](http://plain.example)", "<p><a rel=\"noopener noreferrer\">x</a></p>\n"),
            ("<script>alert(1)</script>", "\n"),
            ("<img src=x onerror=alert(1)>", "\n"),
            (
                "```\"><script>\nx\n```",
                "<pre data-lang=\"&quot;&gt;&lt;script&gt;\"><code>x\n</code></pre>\n",
            ),
        ];
        for (markdown, html) in rows {
            assert_eq!(to_html(markdown), html, "{markdown}");
        }
    }
}

#[cfg(test)]
mod fuzz;
