//! The packed index: every row in a few bytes, each string once, in parts that are written and read in order.
//!
//! A number is LEB128. A string is 0 and the string (its length, its bytes), or 1 + the place of an earlier one. A row is
//! its id, rule, path, message, tool (strings), its line (a number), and a byte each for severity, status and kind. An
//! id is 0, its source (a string) and the ten bytes of its digest; or 1 and the whole id as a string, when it has another form. A row
//! never crosses parts; strings are counted across all of them.

use std::collections::HashMap;

use finding::{Index, IndexBuilder, RowFacts};

use crate::error::Fault;
use crate::index::{kind, kind_code, severity, severity_code, status, status_code};

/// A part is closed once it is this long.
const PART_BYTES: usize = 512 << 10;

const DIGEST: u8 = 0;
const WHOLE: u8 = 1;

/// Writes rows into parts.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    known: HashMap<String, usize>,
    parts: Vec<Vec<u8>>,
    part: Vec<u8>,
}

impl Packer {
    pub(crate) fn push(&mut self, facts: &RowFacts<'_>) {
        if let Some((source, digest)) = split_id(facts.id) {
            self.part.push(DIGEST);
            self.string(source);
            self.part.extend_from_slice(&digest);
        } else {
            self.part.push(WHOLE);
            self.string(facts.id);
        }
        for text in [facts.rule, facts.path, facts.message, facts.tool] {
            self.string(text);
        }
        self.number(facts.line as usize);
        let codes = [severity_code(facts.severity), status_code(facts.status), kind_code(facts.kind)];
        self.part.extend_from_slice(&codes);
        if self.part.len() >= PART_BYTES {
            self.parts.push(std::mem::take(&mut self.part));
        }
    }

    pub(crate) fn finish(mut self) -> Vec<Vec<u8>> {
        if !self.part.is_empty() {
            self.parts.push(self.part);
        }
        self.parts
    }

    fn string(&mut self, text: &str) {
        if let Some(&place) = self.known.get(text) {
            self.number(place + 1);
            return;
        }
        self.known.insert(text.to_owned(), self.known.len());
        self.number(0);
        self.number(text.len());
        self.part.extend_from_slice(text.as_bytes());
    }

    fn number(&mut self, mut number: usize) {
        while number >= 0x80 {
            self.part.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.part.push(number.to_le_bytes()[0]);
    }
}

/// Reads parts into an index. What it is given may be anything.
#[derive(Debug, Default)]
pub(crate) struct Unpacker {
    builder: IndexBuilder,
    known: Vec<String>,
    id: String,
}

impl Unpacker {
    pub(crate) fn part(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut rest = Bytes(bytes);
        while !rest.0.is_empty() {
            self.row(&mut rest).ok_or_else(|| Fault::corrupt("the packed index is malformed"))??;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Index {
        self.builder.finish()
    }

    /// `None`: the bytes make no sense.
    fn row(&mut self, rest: &mut Bytes<'_>) -> Option<Result<(), Fault>> {
        self.id.clear();
        let form = rest.byte()?;
        let source = self.string(rest)?;
        self.id.push_str(&self.known[source]);
        match form {
            DIGEST => join_digest(&mut self.id, rest.take(10)?),
            WHOLE => {}
            _ => return None,
        }
        let [rule, path, message, tool] =
            [self.string(rest)?, self.string(rest)?, self.string(rest)?, self.string(rest)?];
        let line = u32::try_from(rest.number()?).ok()?;
        let codes = [rest.byte()?, rest.byte()?, rest.byte()?];
        Some((|| {
            self.builder.push(RowFacts {
                id: &self.id,
                rule: &self.known[rule],
                path: &self.known[path],
                message: &self.known[message],
                tool: &self.known[tool],
                line,
                severity: severity(codes[0])?,
                status: status(codes[1])?,
                kind: kind(codes[2])?,
            });
            Ok(())
        })())
    }

    /// The place of the string that comes next.
    fn string(&mut self, rest: &mut Bytes<'_>) -> Option<usize> {
        if let Some(place) = rest.number()?.checked_sub(1) {
            return (place < self.known.len()).then_some(place);
        }
        let len = rest.number()?;
        let text = std::str::from_utf8(rest.take(len)?).ok()?;
        self.known.push(text.to_owned());
        Some(self.known.len() - 1)
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    fn number(&mut self) -> Option<usize> {
        let mut number = 0_u64;
        for shift in (0..35).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(number).ok();
            }
        }
        None
    }
}

/// An id of the usual form (`source:` and 20 lower-case hexadecimal digits) as its two parts.
fn split_id(id: &str) -> Option<(&str, [u8; 10])> {
    let (source, digits) = id.rsplit_once(':')?;
    let digits = digits.as_bytes();
    if digits.len() != 20 {
        return None;
    }
    let mut digest = [0; 10];
    for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some((source, digest))
}

fn join_digest(id: &mut String, digest: &[u8]) {
    id.push(':');
    for byte in digest {
        for nibble in [byte >> 4, byte & 0xF] {
            id.push(char::from(if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }));
        }
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}
