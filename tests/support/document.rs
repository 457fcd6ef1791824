//! The client's model of an open document: text, versions, and positions in the agreed encoding.

use std::ops::Range;

use serde_json::{Value, json};

/// How columns are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Encoding {
    Utf8,
    Utf16,
    Utf32,
}

impl Encoding {
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "utf-8" => Self::Utf8,
            "utf-16" => Self::Utf16,
            "utf-32" => Self::Utf32,
            other => panic!("the server chose the unknown encoding {other}"),
        }
    }

    fn width(self, text: &str) -> usize {
        match self {
            Self::Utf8 => text.len(),
            Self::Utf16 => text.encode_utf16().count(),
            Self::Utf32 => text.chars().count(),
        }
    }
}

/// Zero-based line and column, as LSP counts them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: usize,
    pub(crate) character: usize,
}

impl Place {
    pub(crate) fn to_json(self) -> Value {
        json!({ "line": self.line, "character": self.character })
    }

    pub(crate) fn from_json(value: &Value) -> Self {
        let number = |name: &str| {
            let number = value[name].as_u64().unwrap_or_else(|| panic!("not a position: {value}"));
            usize::try_from(number).expect("fits")
        };
        Self { line: number("line"), character: number("character") }
    }
}

/// An open document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) uri: String,
    pub(crate) version: i32,
    pub(crate) text: String,
    pub(crate) encoding: Encoding,
}

impl Document {
    /// Byte ranges of all lines, without their endings.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Range<usize>> {
        let bytes = self.text.as_bytes();
        let mut next = Some(0);
        std::iter::from_fn(move || {
            let start = next?;
            let ending = bytes[start..].iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let end = ending.map_or(bytes.len(), |at| start + at);
            let is_pair = bytes[end..].starts_with(b"\r\n");
            next = ending.map(|_| end + 1 + usize::from(is_pair));
            Some(start..end)
        })
    }

    fn line(&self, number: usize) -> Option<Range<usize>> {
        self.lines().nth(number)
    }

    pub(crate) fn place(&self, offset: usize) -> Place {
        let before = &self.text.as_bytes()[..offset];
        // Inside "\r\n" a line has not begun yet.
        let is_break = |at: usize| match before[at] {
            b'\n' => true,
            b'\r' => self.text.as_bytes().get(at + 1) != Some(&b'\n'),
            _ => false,
        };
        let start = (0..offset).rev().find(|&at| is_break(at)).map_or(0, |at| at + 1);
        let line = (0..start).filter(|&at| is_break(at)).count();
        Place { line, character: self.encoding.width(&self.text[start..offset]) }
    }

    /// The offset of a place, which has to exist: servers may not point past a line's end or into a character.
    pub(crate) fn offset(&self, place: Place) -> Result<usize, String> {
        let line = self.line(place.line).ok_or_else(|| format!("there is no line {}", place.line))?;
        let content = &self.text[line.clone()];
        let mut column = 0;
        for (at, character) in content.char_indices() {
            if column >= place.character {
                break;
            }
            column += self.encoding.width(character.encode_utf8(&mut [0; 4]));
            if column == place.character {
                return Ok(line.start + at + character.len_utf8());
            }
        }
        if place.character == 0 {
            return Ok(line.start);
        }
        let shown: String = content.chars().take(200).collect();
        Err(format!("line {} has no column {}: {shown:?}", place.line, place.character))
    }

    /// The text a range of the protocol covers.
    pub(crate) fn covered(&self, range: &Value) -> Result<String, String> {
        let start = self.offset(Place::from_json(&range["start"]))?;
        let end = self.offset(Place::from_json(&range["end"]))?;
        if start > end {
            return Err(format!("an inverted range: {range}"));
        }
        Ok(self.text[start..end].to_owned())
    }

    pub(crate) fn range(&self, bytes: &Range<usize>) -> Value {
        json!({ "start": self.place(bytes.start).to_json(), "end": self.place(bytes.end).to_json() })
    }

    /// Where `needle` stands; it must stand there once.
    pub(crate) fn find(&self, needle: &str) -> Range<usize> {
        let mut found = self.text.match_indices(needle);
        let (start, _) = found.next().unwrap_or_else(|| panic!("no {needle:?} in {:?}", self.text));
        assert!(found.next().is_none(), "{needle:?} stands more than once in {:?}", self.text);
        start..start + needle.len()
    }

    /// Applies the server's text edits, which all refer to the text as it is.
    pub(crate) fn apply(&mut self, edits: &[Value]) {
        let mut edits: Vec<(Range<usize>, &str)> = edits
            .iter()
            .map(|edit| {
                let at = |end: &str| self.offset(Place::from_json(&edit["range"][end])).expect("inside the text");
                (at("start")..at("end"), edit["newText"].as_str().expect("a new text"))
            })
            .collect();
        edits.sort_by_key(|(range, _)| range.start);
        assert!(edits.windows(2).all(|pair| pair[0].0.end <= pair[1].0.start), "edits overlap: {edits:?}");
        for (range, text) in edits.into_iter().rev() {
            self.text.replace_range(range, text);
        }
        self.version += 1;
    }
}
