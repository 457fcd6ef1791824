//! Strict JSON that keeps the spelling of numbers. A key that is given twice is an error: readers disagree which counts.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Document, MAX_DEPTH};

/// Reads a whole JSON text. The error continues a sentence and names line and column.
pub(in super::super) fn from_json(bytes: &[u8]) -> Result<Document, String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte order mark; save it as UTF-8 without one".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|error| format!("it is not UTF-8 (byte {})", error.valid_up_to()))?;
    let mut reader = Reader { text, at: 0 };
    let document = reader.value(0).and_then(|document| {
        reader.space();
        if reader.at == text.len() { Ok(document) } else { Err("something follows the end of the value".to_owned()) }
    });
    document.map_err(|why| {
        let before = &text[..reader.at];
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("line {line}, column {column}: {why}")
    })
}

/// `at` is always at the start of a character.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn takes(&mut self, word: &str) -> bool {
        let taken = self.text[self.at..].starts_with(word);
        self.at += if taken { word.len() } else { 0 };
        taken
    }

    fn value(&mut self, depth: usize) -> Result<Document, String> {
        if depth > MAX_DEPTH {
            return Err(format!("it is nested more than {MAX_DEPTH} deep"));
        }
        self.space();
        match self.peek() {
            Some(b'{') => self.map(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Document::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            None => Err("the file ends where a value should be".to_owned()),
            Some(_) if self.takes("true") => Ok(Document::Bool(true)),
            Some(_) if self.takes("false") => Ok(Document::Bool(false)),
            Some(_) if self.takes("null") => Ok(Document::Null),
            Some(_) => Err("a JSON value is expected here".to_owned()),
        }
    }

    fn map(&mut self, depth: usize) -> Result<Document, String> {
        self.at += 1;
        let mut members = BTreeMap::new();
        self.space();
        if self.takes("}") {
            return Ok(Document::Map(members));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err("a key in double quotes is expected here".to_owned());
            }
            let start = self.at;
            let key = self.string()?;
            self.space();
            if !self.takes(":") {
                return Err("a colon is expected here".to_owned());
            }
            let value = self.value(depth + 1)?;
            match members.entry(key) {
                Entry::Vacant(place) => place.insert(value),
                Entry::Occupied(place) => {
                    self.at = start;
                    return Err(format!("the key {:?} is given twice", place.key()));
                }
            };
            self.space();
            if self.takes("}") {
                return Ok(Document::Map(members));
            }
            if !self.takes(",") {
                return Err("a comma or } is expected here".to_owned());
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Document, String> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.takes("]") {
            return Ok(Document::List(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.takes("]") {
                return Ok(Document::List(items));
            }
            if !self.takes(",") {
                return Err("a comma or ] is expected here".to_owned());
            }
        }
    }

    /// Its end is found here; what is inside, serde's reader decides (escapes, surrogates, control characters).
    fn string(&mut self) -> Result<String, String> {
        let rest = &self.text.as_bytes()[self.at + 1..];
        let mut end = 0;
        loop {
            match rest.get(end) {
                Some(b'"') => break,
                Some(b'\\') => end += 2,
                Some(_) => end += 1,
                None => return Err("the text that begins here has no end".to_owned()),
            }
        }
        let quoted = &self.text[self.at..self.at + end + 2];
        let text = serde_json::from_str(quoted)
            .map_err(|_| "the text that begins here has a character or escape that JSON does not allow".to_owned())?;
        self.at += quoted.len();
        Ok(text)
    }

    fn number(&mut self) -> Result<Document, String> {
        let rest = &self.text[self.at..];
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let spelled = &rest[..end];
        if !is_json_number(spelled) {
            return Err("a number is expected here, as JSON spells them".to_owned());
        }
        self.at += end;
        Ok(Document::Number(spelled.to_owned()))
    }
}

fn is_json_number(spelled: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = spelled.strip_prefix('-').unwrap_or(spelled);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|exponent| digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)))
}
