//! What strangers may try, and what is left of it.

use proptest::prelude::*;
use pulldown_cmark::{Event, LinkType, Options, Parser, Tag};

use super::*;

/// What makes rendered Markdown dangerous or misleading, if `markdown` has any of it.
pub(in crate::present) fn danger(markdown: &str) -> Option<String> {
    let hidden = |character: &char| {
        matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
            || matches!(character, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
            || (character.is_control() && !matches!(character, '\n' | '\t'))
    };
    if let Some(character) = markdown.chars().find(hidden) {
        return Some(format!("hidden character {character:?}"));
    }
    let mut link: Option<(String, String)> = None;
    for event in Parser::new_ext(markdown, Options::all()) {
        match event {
            Event::Start(Tag::Link { dest_url, link_type, .. }) => {
                if link_type == LinkType::Email
                    || !(dest_url.starts_with("http://") || dest_url.starts_with("https://"))
                {
                    return Some(format!("link to {dest_url}"));
                }
                if dest_url.split('/').nth(2).unwrap_or_default().contains('@') {
                    return Some(format!("user in {dest_url}"));
                }
                link = Some((dest_url.into_string(), String::new()));
            }
            Event::End(pulldown_cmark::TagEnd::Link) => {
                let (url, label) = link.take().expect("a link ends that began");
                if label.contains("://") && label != url {
                    return Some(format!("link to {url} that says {label}"));
                }
            }
            Event::Text(text) => {
                if let Some(hidden) = text.chars().find(hidden) {
                    return Some(format!("decoded {hidden:?}"));
                }
                if let Some((_, label)) = &mut link {
                    label.push_str(&text);
                }
            }
            Event::Start(Tag::Image { .. } | Tag::HtmlBlock | Tag::FootnoteDefinition(_)) | Event::Html(_) => {
                return Some("an image, HTML or a footnote".to_owned());
            }
            Event::InlineHtml(html) => return Some(format!("HTML {html}")),
            _ => {}
        }
    }
    None
}

#[test]
fn markdown_of_strangers_becomes_a_safe_subset() {
    for (theirs, ours) in [
        ("Use **bold**, *em* and `code`.", "Use **bold**, *em* and `code`."),
        ("# Title\ntext", "**Title**\n\ntext"),
        ("Title\n===\ntext\nmore", "**Title**\n\ntext more"),
        ("- a\n- b\n  - c\n\n    d", "- a\n- b\n  - c\n\n    d"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("> q\n> r", "> q r"),
        ("~~~Python title=x\na\n```\n~~~", "````python\na\n```\n````"),
        ("    indented", "```\nindented\n```"),
        ("a  \nb", "a  \nb"),
        ("[docs](https://a.example/x)", "[docs](https://a.example/x)"),
        ("see https://a.example/x.", "see <https://a.example/x>."),
        ("[run](command:evil) [x](javascript:alert(1))", "run x"),
        ("[x](/rel) [y][z]\n\n[z]: data:text/html,x", "x y"),
        ("[https://good.example](https://evil.example)", "<https://evil.example/>"),
        ("[good.example](https://evil.example/)", "good.example (<https://evil.example/>)"),
        ("[ok](https://good.example@evil.example/)", "ok"),
        ("![alt](https://a.example/x.png)", "\\[alt\\]"),
        ("!<https://a.example/>", "\\!<https://a.example/>"),
        ("<b>References:</b>\n - [A](https://a.example/)", "References:\n\n- [A](https://a.example/)"),
        ("a List<String> b", "a List\\<String> b"),
        ("<script>alert(1)</script>\n\nx", "x"),
        ("<div onclick=x>text</div>", "text"),
        ("| a | b |\n|---|---|\n| 1 | `2` |", "- **a** \u{b7} **b**\n- 1 \u{b7} `2`"),
        ("\\<b> &lt;i&gt; &#x202e;x&#27;[31m", "\\<b> \\<i> x\\[31m"),
        ("<me@a.example> me@a.example", "me\\@a.example me\\@a.example"),
        ("***", ""),
        ("", ""),
    ] {
        assert_eq!(markdown(theirs), ours, "{theirs:?}");
    }
}

#[test]
fn endless_and_deep_text_is_bounded() {
    let deep_list = (0..200).map(|depth| "  ".repeat(depth) + "- x\n").collect::<String>();
    let references = format!("[a]: https://a.example/{}\n\n{}", "x".repeat(1_500), "[a] ".repeat(4_000));
    for text in [
        "x".repeat(1 << 20),
        "> ".repeat(1 << 16) + "x",
        "- ".repeat(1 << 16) + "x",
        "*a ".repeat(1 << 16),
        "[".repeat(1 << 16),
        "`".repeat(1 << 16),
        "<".repeat(1 << 16),
        "> - ".repeat(1 << 14) + "x\n\n" + &"> - y\n".repeat(2_000),
        "\u{e9}".repeat(1 << 16),
        deep_list,
        references,
    ] {
        let shown = markdown(&text);
        assert!(shown.len() < 256 * 1024, "{} bytes of {:?}", shown.len(), text.get(..20));
        assert_eq!(danger(&shown), None);
    }
    assert!(markdown(&"x".repeat(1 << 20)).ends_with("x\u{2026}"));
}

#[test]
fn one_line_texts_are_one_line() {
    assert_eq!(line(" a\n\tb\u{202e}c\u{1b}[2J "), "a bc");
    assert_eq!(line(&"x".repeat(400)).chars().count(), LONGEST_LINE);
    assert_eq!(inline("1. *a*\n<b> https://u:p@x.example"), "1\\. \\*a\\* \\<b> https\\://u:p\\@x.example");
    assert_eq!(code("a`b\nc"), "``a`b c``");
    assert_eq!(terminal("a\u{1b}]0;title\u{7}\r\n\tb\u{202e}\n\n"), "a\n\tb");
}

#[test]
fn plain_text_reads_well_without_markdown() {
    let markdown = "# Weak hash\n\nUse **SHA-256**, see [docs](https://a.example/):\n\n```python\nx()\n```\n\n- a\n  - b\n- \
                    c\n\n> note";
    assert_eq!(
        plain_from_markdown(markdown),
        "Weak hash\n\nUse SHA-256, see docs (https://a.example/):\n\n  x()\n\n- a\n  - b\n- c\n\n> note"
    );
}

/// Pieces of Markdown, of attacks and of ordinary words.
const FRAGMENTS: &[&str] = &[
    "a",
    "word",
    " ",
    "  ",
    "\n",
    "\n\n",
    "\n    ",
    "\t",
    "1.",
    "2) ",
    "- ",
    "+ ",
    "* ",
    "*",
    "**",
    "***",
    "_",
    "__",
    "~~",
    "`",
    "``",
    "```",
    "~~~",
    "```py\n",
    "\n```\n",
    "#",
    "# ",
    "=",
    "===",
    "---",
    "|",
    "|---|---|",
    "| a | b |",
    ">",
    "> ",
    "[",
    "]",
    "(",
    ")",
    "](",
    "![",
    "[x](javascript:alert(1))",
    "[y](command:z)",
    "](https://e.example)",
    "[^1]",
    "[^1]: x",
    "[r]",
    "\n[r]: https://r.example 't'\n",
    "<",
    "</",
    "<b>",
    "</b>",
    "<img src=x onerror=y>",
    "<br>",
    "<!--",
    "-->",
    "<script>",
    "</script>",
    "<div>",
    "<String>",
    "&lt;",
    "&#x202e;",
    "&#27;",
    "&#10;",
    "&#42;",
    "&amp;",
    "&",
    ";",
    "https://",
    "http://a.example/b_c_(d)",
    "https://u:p@x.example",
    "www.a.example",
    "a@b.example",
    "data:text/html,x",
    "mailto:a@b.example",
    "<https://a.example>",
    "<javascript:x>",
    "\\",
    "\\*",
    "!",
    "$",
    ":",
    ".",
    "\"",
    "'",
    "\u{1b}[31m",
    "\u{1b}]8;;x\u{7}",
    "\u{202e}",
    "\u{200b}",
    "\u{feff}",
    "\u{e0041}",
    "\r\n",
    "\r",
    "\u{0}",
    "\u{a0}",
    "\u{e9}",
    "\u{65e5}",
    "\u{3002}",
    "\u{1f600}",
    "\u{2014}",
];

/// Any of them in any order.
pub(in crate::present) fn hostile() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(FRAGMENTS), 0..24).prop_map(|fragments| fragments.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_becomes_dangerous(text in hostile()) {
        let shown = markdown(&text);
        prop_assert_eq!(danger(&shown), None, "{}", shown);
    }

    #[test]
    fn making_safe_what_is_safe_changes_nothing(text in hostile()) {
        let once = markdown(&text);
        prop_assert_eq!(markdown(&once), once);
    }

    #[test]
    fn inline_text_shows_itself_and_nothing_else(text in hostile()) {
        let shown = inline(&text);
        prop_assert_eq!(danger(&shown), None, "{}", shown);
        prop_assert!(!shown.contains('\n'));
        // Read back, it is the line again: all of it is text.
        let read: String = Parser::new_ext(&shown, Options::all() - Options::ENABLE_SMART_PUNCTUATION)
            .map(|event| match event {
                Event::Text(text) => text.into_string(),
                Event::Start(Tag::Paragraph) | Event::End(_) => String::new(),
                other => format!("<{other:?}>"),
            })
            .collect();
        prop_assert_eq!(read, line(&text));
    }

    #[test]
    fn plain_text_shows_no_hidden_character(text in hostile()) {
        for shown in [plain_from_markdown(&text), terminal(&text), line(&text)] {
            let visible = shown.chars().all(|c| c == '\n' || c == '\t' || !c.is_control());
            prop_assert!(visible);
            let hides = shown.contains(['\u{202e}', '\u{200b}', '\u{feff}', '\u{e0041}']);
            prop_assert!(!hides);
        }
    }
}
