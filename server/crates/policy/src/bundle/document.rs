//! A JSON or YAML file as OPA sees it when it signs: numbers keep their spelling, keys are sorted, nothing is said twice.
//!
//! One reader serves both the hash and the use, so what was signed is what is used.

mod json;
mod yaml;

pub(super) use json::from_json;
pub(super) use yaml::from_yaml;

use std::collections::BTreeMap;

use serde_json::Value;

/// Deepest nesting that is read.
pub(super) const MAX_DEPTH: usize = 128;

/// A parsed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Document {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number in the spelling of the file (JSON) or in the one Go's encoder gives it (YAML).
    Number(String),
    /// A text.
    Text(String),
    /// An array.
    List(Vec<Document>),
    /// An object.
    Map(BTreeMap<String, Document>),
}

impl Document {
    /// A member of an object.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(map) => map.get(key),
            _ => None,
        }
    }

    /// What it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Map(_) => "an object",
        }
    }

    /// The bytes that OPA hashes: compact JSON, keys in byte order, texts as Go's encoder writes them without HTML
    /// escapes, numbers as spelled.
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend(b"null"),
            Self::Bool(true) => out.extend(b"true"),
            Self::Bool(false) => out.extend(b"false"),
            Self::Number(spelled) => out.extend(spelled.as_bytes()),
            Self::Text(text) => write_text(text, out),
            Self::List(items) => {
                out.push(b'[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Map(members) => {
                out.push(b'{');
                for (at, (key, value)) in members.iter().enumerate() {
                    if at > 0 {
                        out.push(b',');
                    }
                    write_text(key, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    /// The value that Rego gets. The error continues a sentence: a number that would silently become another one.
    pub(super) fn to_value(&self) -> Result<Value, String> {
        Ok(match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Number(spelled) => number(spelled)?,
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_value).collect::<Result<_, _>>()?),
            Self::Map(members) => {
                let members = members.iter().map(|(key, value)| Ok((key.clone(), value.to_value()?)));
                Value::Object(members.collect::<Result<_, String>>()?)
            }
        })
    }
}

/// OPA computes with numbers of any size, we with 64 bits; better refused than quietly rounded.
fn number(spelled: &str) -> Result<Value, String> {
    let value = if spelled == "-0" || spelled.contains(['.', 'e', 'E']) {
        spelled.parse::<f64>().ok().and_then(serde_json::Number::from_f64)
    } else {
        spelled.parse::<u64>().map(Into::into).or_else(|_| spelled.parse::<i64>().map(Into::into)).ok()
    };
    value.map(Value::Number).ok_or_else(|| {
        let start: String = spelled.chars().take(40).collect();
        format!("the number {start} does not fit into 64 bits; write it as text")
    })
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    for c in text.chars() {
        match c {
            '"' => out.extend(b"\\\""),
            '\\' => out.extend(b"\\\\"),
            '\n' => out.extend(b"\\n"),
            '\r' => out.extend(b"\\r"),
            '\t' => out.extend(b"\\t"),
            '\u{8}' => out.extend(b"\\b"),
            '\u{c}' => out.extend(b"\\f"),
            '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => out.extend(format!("\\u{:04x}", u32::from(c)).bytes()),
            _ => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    out.push(b'"');
}
