//! The packed index: every row in a few bytes, each string once, in parts that are written and read in order.
//!
//! A number is LEB128. A text is its length and its bytes. A shared text is 0 and the text, or 1 + the place of an earlier
//! one among the shared. A row is its id; rule, path, message and tool (shared); its line (a number); and a byte each for
//! severity, status and kind. An id is 0, its source (shared among sources) and the ten bytes of its digest; or 1 and the
//! whole id (a text) when it has another form. A row never crosses parts; places count across all of them.

use std::collections::HashMap;

use finding::{Index, IndexBuilder, Interned, RowFacts};

use crate::error::Fault;
use crate::index::{kind, kind_code, severity, severity_code, status, status_code};

/// A part is closed once it is this long.
const PART_BYTES: usize = 512 << 10;

const DIGEST: u8 = 0;
const WHOLE: u8 = 1;

/// Writes rows into parts.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    sources: HashMap<String, usize>,
    shared: HashMap<String, usize>,
    parts: Vec<Vec<u8>>,
    part: Vec<u8>,
}

impl Packer {
    pub(crate) fn push(&mut self, facts: &RowFacts<'_>) {
        if let Some((source, digest)) = split_id(facts.id) {
            self.part.push(DIGEST);
            put_shared(&mut self.part, &mut self.sources, source);
            self.part.extend_from_slice(&digest);
        } else {
            self.part.push(WHOLE);
            put_text(&mut self.part, facts.id);
        }
        for text in [facts.rule, facts.path, facts.message, facts.tool] {
            put_shared(&mut self.part, &mut self.shared, text);
        }
        put_number(&mut self.part, facts.line as usize);
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
}

fn put_shared(part: &mut Vec<u8>, known: &mut HashMap<String, usize>, text: &str) {
    if let Some(&place) = known.get(text) {
        put_number(part, place + 1);
        return;
    }
    known.insert(text.to_owned(), known.len());
    put_number(part, 0);
    put_text(part, text);
}

fn put_text(part: &mut Vec<u8>, text: &str) {
    put_number(part, text.len());
    part.extend_from_slice(text.as_bytes());
}

fn put_number(part: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        part.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    part.push(number.to_le_bytes()[0]);
}

/// Reads parts into an index. What it is given may be anything.
#[derive(Debug, Default)]
pub(crate) struct Unpacker {
    builder: IndexBuilder,
    sources: Vec<String>,
    shared: Vec<Interned>,
    id: String,
}

impl Unpacker {
    pub(crate) fn part(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let mut rest = Bytes(bytes);
        while !rest.0.is_empty() {
            self.row(&mut rest).ok_or_else(|| Fault::corrupt("the packed index is malformed"))?;
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Index {
        self.builder.finish()
    }

    /// `None`: the bytes make no sense.
    fn row(&mut self, rest: &mut Bytes<'_>) -> Option<()> {
        self.id(rest)?;
        let facts = RowFacts {
            rule: shared(&mut self.builder, &mut self.shared, rest)?,
            path: shared(&mut self.builder, &mut self.shared, rest)?,
            message: shared(&mut self.builder, &mut self.shared, rest)?,
            tool: shared(&mut self.builder, &mut self.shared, rest)?,
            line: u32::try_from(rest.number()?).ok()?,
            severity: severity(rest.byte()?).ok()?,
            status: status(rest.byte()?).ok()?,
            kind: kind(rest.byte()?).ok()?,
            id: self.id.as_str(),
        };
        self.builder.push_interned(facts);
        Some(())
    }

    /// Reads an id into `self.id`.
    fn id(&mut self, rest: &mut Bytes<'_>) -> Option<()> {
        self.id.clear();
        match rest.byte()? {
            DIGEST => {
                let place = rest.shared(self.sources.len())?.unwrap_or_else(|new| {
                    self.sources.push(new.to_owned());
                    self.sources.len() - 1
                });
                self.id.push_str(self.sources.get(place)?);
                join_digest(&mut self.id, rest.take(10)?);
            }
            WHOLE => self.id.push_str(rest.text()?),
            _ => return None,
        }
        Some(())
    }
}

fn shared(builder: &mut IndexBuilder, known: &mut Vec<Interned>, rest: &mut Bytes<'_>) -> Option<Interned> {
    match rest.shared(known.len())? {
        Ok(place) => known.get(place).copied(),
        Err(new) => {
            let new = builder.intern(new);
            known.push(new);
            Some(new)
        }
    }
}

struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<&'a str> {
        let len = self.number()?;
        std::str::from_utf8(self.take(len)?).ok()
    }

    /// The place of an earlier text, below `known`, or a new one.
    fn shared(&mut self, known: usize) -> Option<Result<usize, &'a str>> {
        match self.number()?.checked_sub(1) {
            Some(place) => (place < known).then_some(Ok(place)),
            None => self.text().map(Err),
        }
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
