//! Resolves messages: by id, with arguments, and with links into the log turned into plain text.

use std::collections::{BTreeMap, BTreeSet};

use super::schema::{Message, MultiformatMessage};

/// Named texts to look an id up in, best first.
pub(super) type Strings<'a> = [&'a BTreeMap<String, MultiformatMessage>];

/// Longest text that is made by filling in arguments, as a multiple of what a log may hold anyway.
const LONGEST: usize = 1 << 20;

/// The words of `message`; `None` when it has none. `places` are the ids of locations that a link may point to.
///
/// Doubled braces are undone only where the standard's placeholders are in use (arguments, or a text found by id):
/// tools that use neither write braces as they are.
pub(super) fn words(message: &Message, strings: &Strings<'_>, places: &BTreeSet<i64>) -> Option<String> {
    let own = filled(message.text.as_ref()).or_else(|| filled(message.markdown.as_ref()));
    let (text, is_pattern) = match (own, &message.id) {
        (Some(text), _) => (text, !message.arguments.is_empty()),
        (None, Some(id)) => {
            let found = strings.iter().find_map(|named| named.get(id))?;
            (filled(found.text.as_ref()).or_else(|| filled(found.markdown.as_ref()))?, true)
        }
        (None, None) => return None,
    };
    let text = if is_pattern { fill_in(text, &message.arguments) } else { text.to_owned() };
    Some(unlink(&text, places))
}

fn filled(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.trim().is_empty())
}

/// Replaces `{0}` by the first argument and so on; `{{` and `}}` are braces. A placeholder without argument stays.
fn fill_in(pattern: &str, arguments: &[String]) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let placeholder = rest[1..].find('}').map(|end| &rest[1..=end]);
        let argument = placeholder.and_then(|number| arguments.get(number.parse::<usize>().ok()?));
        if rest.starts_with("{{") || rest.starts_with("}}") {
            out.push_str(&rest[..1]);
            rest = &rest[2..];
        } else if let (Some(number), Some(argument), true) = (placeholder, argument, rest.starts_with('{')) {
            out.push_str(argument);
            rest = &rest[number.len() + 2..];
        } else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
        }
        if out.len() > LONGEST {
            return out;
        }
    }
    out.push_str(rest);
    out
}

/// Turns `[text](3)` into `text` where 3 is the id of a place of this result; other brackets are code or Markdown.
fn unlink(text: &str, places: &BTreeSet<i64>) -> String {
    if places.is_empty() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("](") {
        let (before, after) = (&rest[..at], &rest[at + 2..]);
        let target = after.find(')').filter(|&end| after[..end].parse().is_ok_and(|id| places.contains(&id)));
        let open = target.and_then(|_| last_open(before));
        if let (Some(end), Some(open)) = (target, open) {
            out.push_str(&before[..open]);
            out.push_str(&before[open + 1..].replace("\\[", "[").replace("\\]", "]"));
            rest = &after[end + 1..];
        } else {
            out.push_str(&rest[..at + 2]);
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The last `[` that is not escaped.
fn last_open(text: &str) -> Option<usize> {
    text.rmatch_indices('[').map(|(at, _)| at).find(|&at| !text[..at].ends_with('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn said(text: &str, arguments: &[&str], places: &[i64]) -> String {
        let arguments = arguments.iter().map(|&a| a.to_owned()).collect();
        let message = Message { text: Some(text.to_owned()), arguments, ..Message::default() };
        words(&message, &[], &places.iter().copied().collect()).expect("words")
    }

    #[test]
    fn arguments_go_where_the_placeholders_are() {
        for (pattern, arguments, text) in [
            ("{0} is not {1}", &["a", "b"][..], "a is not b"),
            ("{1}{0}{1}", &["a", "b"], "bab"),
            ("{{0}} {0}", &["a"], "{0} a"),
            ("{0} {7} {x}", &["a"], "a {7} {x}"),
            ("{0}", &["{1}", "no"], "{1}"),
            ("{0} }{", &["a"], "a }{"),
            ("{0} {", &["\u{e9}"], "\u{e9} {"),
            ("f'{{x}}' as it is", &[], "f'{{x}}' as it is"),
        ] {
            assert_eq!(said(pattern, arguments, &[]), text, "{pattern}");
        }
    }

    #[test]
    fn links_into_the_log_become_words() {
        for (text, plain) in [
            ("uses [user input](1) here", "uses user input here"),
            ("[a](1) and [b](2)", "a and b"),
            ("[a\\[0\\]](1)", "a[0]"),
            ("x[i](7) stays", "x[i](7) stays"),
            ("[docs](https://a.example) stay", "[docs](https://a.example) stay"),
            ("](1) alone", "](1) alone"),
        ] {
            assert_eq!(said(text, &[], &[1, 2]), plain, "{text}");
        }
        assert_eq!(said("x[0](1)", &[], &[]), "x[0](1)");
    }

    #[test]
    fn an_id_is_looked_up_in_the_rule_first() {
        let named = |text: &str| {
            let message = MultiformatMessage { text: Some(text.to_owned()), markdown: None };
            BTreeMap::from([("default".to_owned(), message)])
        };
        let message = Message { id: Some("default".to_owned()), arguments: vec!["x".to_owned()], ..Message::default() };
        let (rule, tool) = (named("{0} of {{rule}}"), named("of tool"));
        assert_eq!(words(&message, &[&rule, &tool], &BTreeSet::new()).as_deref(), Some("x of {rule}"));
        assert_eq!(words(&message, &[&BTreeMap::new(), &tool], &BTreeSet::new()).as_deref(), Some("of tool"));
        assert_eq!(words(&message, &[], &BTreeSet::new()), None);
    }

    #[test]
    fn markdown_serves_where_there_is_no_text() {
        let message =
            Message { markdown: Some("**bad**".to_owned()), text: Some(" ".to_owned()), ..Message::default() };
        assert_eq!(words(&message, &[], &BTreeSet::new()).as_deref(), Some("**bad**"));
    }

    proptest! {
        #[test]
        fn any_text_is_worded_without_a_panic(text in "[\\[\\](){}01\\\\\u{e9}a]{0,40}") {
            said(&format!("x{text}"), &["\u{e9}{0}", ""], &[0, 1]);
        }
    }
}
