//! TOML with the place of every key and value; a broken file gives what its reader could make of it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::manifest::Token;

/// How deep tables may lie in each other: the reader recurses.
const MOST_DEEP: usize = 60;

/// A text with its tables.
pub(crate) struct Document<'t> {
    text: &'t str,
    table: Spanned<DeTable<'t>>,
}

/// A table, or an inline one.
#[derive(Clone, Copy)]
pub(crate) struct Table<'d, 't> {
    text: &'t str,
    table: &'d DeTable<'t>,
}

/// A value.
#[derive(Clone, Copy)]
pub(crate) struct Value<'d, 't> {
    text: &'t str,
    value: &'d Spanned<DeValue<'t>>,
}

/// The document, and what is broken in it.
pub(crate) fn read(text: &str) -> (Option<Document<'_>>, Option<String>) {
    if is_too_deep(text) {
        return (None, Some("brackets lie too deep in each other".to_owned()));
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    let notice = errors.first().map(|error| {
        let line = super::line(text, error.span().map_or(0, |span| span.start));
        format!("line {line}: {}; what depends on it is not read", error.message().lines().next().unwrap_or(""))
    });
    (Some(Document { text, table }), notice)
}

fn is_too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    text.lines().any(|line| {
        // A header's dots make tables as well.
        let dots = line.bytes().take_while(|byte| *byte != b'=').filter(|byte| *byte == b'.').count();
        for byte in line.bytes() {
            match byte {
                b'[' | b'{' => depth += 1,
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > MOST_DEEP {
                return true;
            }
        }
        dots > MOST_DEEP
    })
}

impl<'t> Document<'t> {
    pub(crate) fn root(&self) -> Table<'_, 't> {
        Table { text: self.text, table: self.table.get_ref() }
    }
}

impl<'d, 't> Table<'d, 't> {
    pub(crate) fn get(self, name: &str) -> Option<Value<'d, 't>> {
        let (_, value) = self.table.iter().find(|(key, _)| key.get_ref() == name)?;
        Some(Value { text: self.text, value })
    }

    pub(crate) fn table(self, name: &str) -> Option<Table<'d, 't>> {
        self.get(name)?.table()
    }

    /// Below nested tables.
    pub(crate) fn below(self, path: &[&str]) -> Option<Table<'d, 't>> {
        path.iter().try_fold(self, |table, name| table.table(name))
    }

    pub(crate) fn members(self) -> impl Iterator<Item = (Token, Value<'d, 't>)> {
        let text = self.text;
        self.table.iter().map(move |(key, value)| {
            let range = inner(text, key.span());
            (Token::new(key.get_ref().as_ref(), range), Value { text, value })
        })
    }
}

impl<'d, 't> Value<'d, 't> {
    pub(crate) fn table(self) -> Option<Table<'d, 't>> {
        self.value.get_ref().as_table().map(|table| Table { text: self.text, table })
    }

    pub(crate) fn token(self) -> Option<Token> {
        let said = self.value.get_ref().as_str()?;
        Some(Token::new(said, inner(self.text, self.value.span())))
    }

    pub(crate) fn is_true(self) -> bool {
        self.value.get_ref().as_bool() == Some(true)
    }

    pub(crate) fn items(self) -> impl Iterator<Item = Value<'d, 't>> {
        let text = self.text;
        self.value
            .get_ref()
            .as_array()
            .into_iter()
            .flat_map(move |array| array.iter().map(move |value| Value { text, value }))
    }
}

/// What stands between the quotes of a text.
fn inner(text: &str, range: Range<usize>) -> Range<usize> {
    let Some(raw) = text.get(range.clone()) else { return 0..0 };
    for quotes in ["\"\"\"", "'''", "\"", "'"] {
        if raw.len() >= 2 * quotes.len() && raw.starts_with(quotes) && raw.ends_with(quotes) {
            return range.start + quotes.len()..range.end - quotes.len();
        }
    }
    range
}
