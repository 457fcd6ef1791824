//! JSON with the place of every key and value. Behind a break it goes on with the next line: while somebody types, most of
//! a file still makes sense. (A parser that gives all or nothing would make findings blink.)

use std::borrow::Cow;
use std::ops::Range;

/// How deep values may lie in each other, and how many there may be.
const MOST_DEEP: usize = 64;
const MOST_VALUES: usize = 4_000_000;

/// A text between quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'t> {
    pub(crate) text: Cow<'t, str>,
    /// Without the quotes.
    pub(crate) range: Range<usize>,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'t> {
    Object(Vec<(Text<'t>, Value<'t>)>),
    Array(Vec<Value<'t>>),
    Text(Text<'t>),
    True,
    /// Numbers, `false`, `null`.
    Other,
}

impl<'t> Value<'t> {
    pub(crate) fn members(&self) -> &[(Text<'t>, Value<'t>)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    pub(crate) fn items(&self) -> &[Value<'t>] {
        match self {
            Self::Array(items) => items,
            _ => &[],
        }
    }

    /// The last member of a name, as readers of JSON take it.
    pub(crate) fn get(&self, name: &str) -> Option<&Value<'t>> {
        self.members().iter().rev().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    pub(crate) fn text(&self) -> Option<&Text<'t>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The value, and where the text first makes no sense.
pub(crate) fn read(text: &str) -> (Value<'_>, Option<String>) {
    let mut reader = Reader { text, bytes: text.as_bytes(), at: 0, values: 0, broken: None };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    let value = reader.value(0).unwrap_or(Value::Other);
    reader.skip();
    if reader.broken.is_none() && reader.at < text.len() {
        reader.broken = Some((reader.at, "more text behind the end"));
    }
    let notice = reader.broken.map(|(at, why)| {
        let line = super::line(text, at);
        format!("line {line}: {why}; what belongs to it is not read")
    });
    (value, notice)
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    values: usize,
    broken: Option<(usize, &'static str)>,
}

impl<'t> Reader<'t> {
    fn fail<T>(&mut self, why: &'static str) -> Option<T> {
        self.broken.get_or_insert((self.at, why));
        None
    }

    fn skip(&mut self) {
        while let Some(byte) = self.bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                // Comments are no JSON, but some tools take them.
                b'/' if self.bytes.get(self.at + 1) == Some(&b'/') => {
                    self.at = self.find(b'\n').unwrap_or(self.bytes.len());
                }
                _ => return,
            }
        }
    }

    fn find(&self, wanted: u8) -> Option<usize> {
        self.bytes[self.at..].iter().position(|byte| *byte == wanted).map(|found| self.at + found)
    }

    /// `None` when nothing could be read; a value with what was read before the break otherwise.
    fn value(&mut self, depth: usize) -> Option<Value<'t>> {
        self.skip();
        self.values += 1;
        if depth > MOST_DEEP || self.values > MOST_VALUES {
            return self.fail("too many values, or too deep in each other");
        }
        match self.bytes.get(self.at) {
            Some(b'{') => Some(self.object(depth)),
            Some(b'[') => Some(self.array(depth)),
            Some(b'"') => self.string().map(Value::Text),
            Some(_) => self.word(),
            None => self.fail("the end comes too early"),
        }
    }

    fn word(&mut self) -> Option<Value<'t>> {
        let start = self.at;
        while self.bytes.get(self.at).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(byte)) {
            self.at += 1;
        }
        match &self.bytes[start..self.at] {
            b"" => self.fail("a value is missing"),
            b"true" => Some(Value::True),
            _ => Some(Value::Other),
        }
    }

    fn object(&mut self, depth: usize) -> Value<'t> {
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.skip();
            match self.bytes.get(self.at) {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'"') => {
                    let member = self.member(depth);
                    if member.is_none() && !self.next_line() {
                        break;
                    }
                    members.extend(member);
                }
                // A bracket of what lies around it: this one was not closed.
                Some(b']') if depth > 0 => {
                    self.fail::<()>("a bracket is missing");
                    break;
                }
                Some(_) => {
                    self.fail::<()>("a name in quotes is missing");
                    if !self.next_line() {
                        break;
                    }
                }
                None => {
                    self.fail::<()>("the end comes too early");
                    break;
                }
            }
        }
        Value::Object(members)
    }

    fn member(&mut self, depth: usize) -> Option<(Text<'t>, Value<'t>)> {
        let key = self.string()?;
        self.skip();
        if self.bytes.get(self.at) != Some(&b':') {
            return self.fail("a colon is missing");
        }
        self.at += 1;
        let value = self.value(depth + 1)?;
        Some((key, value))
    }

    /// Goes on behind a break with the next line; whether there is one.
    fn next_line(&mut self) -> bool {
        let next = self.find(b'\n').filter(|_| self.values < MOST_VALUES);
        self.at = next.map_or(self.bytes.len(), |end| end + 1);
        next.is_some()
    }

    fn array(&mut self, depth: usize) -> Value<'t> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip();
            match self.bytes.get(self.at) {
                Some(b']') => {
                    self.at += 1;
                    break;
                }
                Some(b',') => self.at += 1,
                Some(b'}') if depth > 0 => {
                    self.fail::<()>("a bracket is missing");
                    break;
                }
                _ => {
                    let value = self.value(depth + 1);
                    if value.is_none() && !self.next_line() {
                        break;
                    }
                    items.extend(value);
                }
            }
        }
        Value::Array(items)
    }

    fn string(&mut self) -> Option<Text<'t>> {
        let start = self.at + 1;
        let mut at = start;
        let mut has_escapes = false;
        loop {
            match self.bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escapes = true;
                    at += 2;
                }
                // A quote that was not closed yet ends with its line.
                Some(b'\n') | None => {
                    self.at = start;
                    return self.fail("a text does not end");
                }
                Some(_) => at += 1,
            }
        }
        self.at = at + 1;
        let raw = self.text.get(start..at).unwrap_or_default();
        let text = if has_escapes { Cow::Owned(unescaped(raw)) } else { Cow::Borrowed(raw) };
        Some(Text { text, range: start..at })
    }
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some('u') => {
                let digits: String = rest.by_ref().take(4).collect();
                let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                text.push(code.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_stands_before_a_break_is_read() {
        let text = "{\"a\": {\"b\": \"1\", \"c\": \"2\"},\n \"d\": {\"e\": \"3\", \"f: 4}";
        let (value, broken) = read(text);
        assert_eq!(value.get("a").map(|a| a.members().len()), Some(2));
        let e = value.get("d").and_then(|d| d.get("e")).and_then(Value::text);
        assert_eq!(e.map(|e| &text[e.range.clone()]), Some("3"));
        assert_eq!(broken.as_deref(), Some("line 2: a text does not end; what belongs to it is not read"));
    }

    #[test]
    fn escapes_are_resolved_and_places_stay_those_of_the_text() {
        let text = r#"{"a\/b": "x\u0041\"y"}"#;
        let (value, broken) = read(text);
        assert_eq!(broken, None);
        assert_eq!(value.members()[0].0.text, "a/b");
        let read = value.members()[0].1.text().expect("a text");
        assert_eq!((read.text.as_ref(), &text[read.range.clone()]), ("xA\"y", r#"x\u0041\"y"#));
    }

    #[test]
    fn depth_is_bounded() {
        let (_, broken) = read(&"[".repeat(100_000));
        assert!(broken.is_some_and(|why| why.contains("too deep")));
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic_and_ranges_lie_in_it(text in r#"([{}\[\],:"\\a-c0-9\n é\u{1F600}]|true){0,60}"#) {
            fn check(text: &str, value: &Value<'_>) {
                if let Value::Text(inner) = value {
                    assert!(text.get(inner.range.clone()).is_some());
                }
                value.items().iter().for_each(|item| check(text, item));
                for (key, value) in value.members() {
                    assert!(text.get(key.range.clone()).is_some());
                    check(text, value);
                }
            }
            let (value, _) = read(&text);
            check(&text, &value);
        }
    }
}
