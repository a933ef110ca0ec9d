//! The API's description as a page to read: rendered on the server from the OpenAPI document, without any asset.

use serde_json::Value;

use crate::markdown::escape;
use crate::problem::Kind;

/// The page's own style is the only thing it may load.
pub(super) const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;max-width:56rem;margin:2rem auto;padding:0 1rem;\
    color-scheme:light dark}code,pre{font-family:ui-monospace,monospace}pre{overflow:auto;padding:.75rem;\
    border:1px solid #8885;border-radius:.25rem}h2{margin-top:2.5rem}h3{margin-top:2rem}";

pub(super) fn render(api: &Value) -> String {
    let mut html = format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Gradus API</title><style>{STYLE}</style><h1>Gradus API</h1><p>{}</p>\
         <p>For programs: <a href=/api/v1/openapi.json>OpenAPI 3.1</a>. \
         Jump to <a href=#requests>requests</a>, <a href=#problems>problems</a>, <a href=#shapes>shapes</a>.</p>",
        text(at(api, "/info/description"))
    );
    html += "<h2 id=requests>Requests</h2>";
    for (path, item) in entries(at(api, "/paths")) {
        for (method, operation) in entries(item) {
            html += &request(&method.to_uppercase(), path, operation);
        }
    }
    html += "<h2 id=problems>Problems</h2><p>The <code>type</code> of an error, and what it means.</p><dl>";
    for kind in Kind::ALL {
        let (slug, status, title) = (kind.slug(), kind.status().as_u16(), escape(kind.title()));
        html += &format!("<dt id=\"{slug}\"><code>/problems/{slug}</code> ({status})<dd>{title}");
    }
    html += "</dl><h2 id=shapes>Shapes</h2>";
    for (name, schema) in entries(at(api, "/components/schemas")) {
        let shape = serde_json::to_string_pretty(schema).unwrap_or_default();
        html += &format!("<h3 id=\"{0}\">{0}</h3><pre>{1}</pre>", escape(name), escape(&shape));
    }
    html + "</html>"
}

fn request(method: &str, path: &str, operation: &Value) -> String {
    let mut html = format!("<h3><code>{method} {}</code></h3>", escape(path));
    html += &format!("<p><b>{}</b></p>", text(at(operation, "/summary")));
    if !at(operation, "/description").is_null() {
        html += &format!("<p>{}</p>", text(at(operation, "/description")));
    }
    html += "<ul>";
    for parameter in at(operation, "/parameters").as_array().into_iter().flatten() {
        let (place, about) = (text(at(parameter, "/in")), text(at(parameter, "/description")));
        html += &format!("<li><code>{}</code> in {place} {about}</li>", text(at(parameter, "/name")));
    }
    let body = shape(at(operation, "/requestBody"));
    if !body.is_empty() {
        html += &format!("<li>takes {body}</li>");
    }
    for (status, response) in entries(at(operation, "/responses")) {
        html += &format!(
            "<li>{} {} {}</li>",
            escape(status),
            shape(response),
            text(at(response, "/description"))
        );
    }
    html + "</ul>"
}

/// A link to what a body holds.
fn shape(body: &Value) -> String {
    let Some((_, content)) = entries(at(body, "/content")).next() else { return String::new() };
    let schema = at(content, "/schema");
    let (reference, list) = match at(schema, "/items/$ref").as_str() {
        Some(item) => (item, "list of "),
        None => (at(schema, "/$ref").as_str().unwrap_or_default(), ""),
    };
    let name = escape(reference.rsplit('/').next().unwrap_or_default());
    if name.is_empty() { String::new() } else { format!("{list}<a href=\"#{name}\">{name}</a>") }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    escape(value.as_str().unwrap_or_default())
}

/// A part of the document; null where there is none.
fn at<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}
