//! HTML in Markdown: the text stays, the tags go.

/// Elements of HTML. A `<word>` that is none of them is what somebody wrote about (`List<String>`), so it is text.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "address",
    "applet",
    "area",
    "article",
    "aside",
    "audio",
    "b",
    "base",
    "bdo",
    "blink",
    "blockquote",
    "body",
    "br",
    "button",
    "canvas",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "dd",
    "del",
    "details",
    "dfn",
    "dialog",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "fieldset",
    "figcaption",
    "figure",
    "font",
    "footer",
    "form",
    "frame",
    "frameset",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "kbd",
    "label",
    "legend",
    "li",
    "link",
    "main",
    "map",
    "mark",
    "marquee",
    "math",
    "menu",
    "meta",
    "nav",
    "noscript",
    "object",
    "ol",
    "optgroup",
    "option",
    "p",
    "param",
    "picture",
    "pre",
    "q",
    "s",
    "samp",
    "script",
    "section",
    "select",
    "small",
    "source",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "template",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "track",
    "tt",
    "u",
    "ul",
    "var",
    "video",
    "wbr",
];

/// Elements whose content is no text for people.
const SILENT: &[&str] = &["script", "style", "template", "noscript", "iframe", "object", "svg", "textarea", "title"];

/// Elements that begin and end a line.
const LINES: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tr",
    "ul",
];

/// What stands in the place of one tag inside a paragraph.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inline<'a> {
    Nothing,
    LineBreak,
    Text(&'a str),
}

/// Reads one tag inside a paragraph.
pub(super) fn inline(tag: &str) -> Inline<'_> {
    let inside = tag.trim_start_matches('<').trim_end_matches('>');
    let name = name_of(inside);
    let bare = !inside.is_empty() && inside.trim_matches('/').chars().all(|c| c.is_alphanumeric() || c == '_');
    match name.as_str() {
        "br" => Inline::LineBreak,
        name if bare && !ELEMENTS.contains(&name) => Inline::Text(tag),
        _ => Inline::Nothing,
    }
}

/// The text of a block of HTML, a line for each of its lines.
pub(super) fn text(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open].replace('\n', " "));
        rest = &rest[open..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, behind)| behind);
            continue;
        }
        let Some(end) = rest.find('>') else { return decode(&out) };
        let name = name_of(&rest[1..end]);
        let closing = rest.starts_with("</");
        rest = &rest[end + 1..];
        if LINES.contains(&name.as_str()) {
            out.push('\n');
            if name == "li" && !closing {
                out.push_str("\u{2022} ");
            }
        }
        if !closing && SILENT.contains(&name.as_str()) {
            rest = behind_end_of(&name, rest);
        }
    }
    out.push_str(&rest.replace('\n', " "));
    decode(&out)
}

fn name_of(inside: &str) -> String {
    let inside = inside.trim_start_matches('/');
    inside.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default().to_ascii_lowercase()
}

fn behind_end_of<'a>(name: &str, html: &'a str) -> &'a str {
    let mut rest = html;
    while let Some((_, behind)) = rest.split_once("</") {
        if name_of(behind) == name {
            return behind.split_once('>').map_or("", |(_, behind)| behind);
        }
        rest = behind;
    }
    ""
}

/// The entities that stand for the characters HTML itself uses; any other stays as written.
fn decode(text: &str) -> String {
    let common = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    common.iter().fold(text.to_owned(), |text, (entity, character)| text.replace(entity, character))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_keeps_its_words_and_lines() {
        for (html, words) in [
            ("<p>MD5 is <b>weak</b>.</p><p>Use SHA-256.</p>", "\nMD5 is weak.\n\nUse SHA-256.\n"),
            ("<ul><li>a</li><li>b</li></ul>", "\n\n\u{2022} a\n\n\u{2022} b\n\n"),
            ("<script>alert(1)</script>x<!-- c -->y", "xy"),
            ("<style>p{}</style", ""),
            ("a &lt;b&gt; &amp;lt;", "a <b> &lt;"),
            ("x<img src=1 onerror=alert(1)", "x"),
        ] {
            assert_eq!(text(html), words, "{html}");
        }
    }

    #[test]
    fn a_tag_that_html_does_not_know_is_text() {
        assert_eq!(inline("<String>"), Inline::Text("<String>"));
        assert_eq!(inline("<user_id>"), Inline::Text("<user_id>"));
        assert_eq!(inline("<b>"), Inline::Nothing);
        assert_eq!(inline("</B>"), Inline::Nothing);
        assert_eq!(inline("<br/>"), Inline::LineBreak);
        assert_eq!(inline("<x onclick=y>"), Inline::Nothing);
        assert_eq!(inline("<!-- x -->"), Inline::Nothing);
    }
}
