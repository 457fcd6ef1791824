//! Walks JSON text of any size in one forward pass: descends where the caller wants to, hands out the bytes of small
//! values, and passes over everything else without keeping it.
//!
//! A full parser stops at the first error. This one only follows brackets and strings, so an element that is broken
//! inside costs that element, and a log that was cut off still yields every element before the cut.

use std::io::{self, Read};

/// Why reading a log ended early. Whatever was read before it stands.
#[derive(Debug)]
pub(super) enum Stop {
    /// The text ends too early, is not JSON, exceeds a limit or cannot be read; reads on after the log's name.
    Broken(String),
    /// The caller asked to stop.
    Cancelled,
    /// The sink refused a finding.
    Sink(String),
}

/// Levels of nesting that are followed at all.
const DEEPEST: usize = 100_000;
/// Longest member name that is looked at.
const LONGEST_KEY: usize = 1_024;

struct Recording {
    bytes: Vec<u8>,
    /// Where the part that is still in the buffer starts.
    from: usize,
    limit: usize,
    overflow: bool,
}

/// A cursor over JSON text.
pub(super) struct Scanner<'a> {
    input: Box<dyn Read + 'a>,
    /// Asked once per buffer; true ends the reading.
    cancelled: &'a dyn Fn() -> bool,
    limit: u64,
    buffer: Box<[u8]>,
    at: usize,
    end: usize,
    bytes_before: u64,
    /// Line ends before `counted`.
    lines: u64,
    /// How much of the buffer `lines` covers.
    counted: usize,
    recording: Option<Recording>,
}

/// What [`Scanner::object`] calls with each member's name; it must consume exactly one value of the scanner.
pub(super) type VisitMember<'v, 'a> = &'v mut dyn FnMut(&mut Scanner<'a>, &str) -> Result<(), Stop>;
/// What [`Scanner::array`] calls with each element's index; it must consume exactly one value of the scanner.
pub(super) type VisitElement<'v, 'a> = &'v mut dyn FnMut(&mut Scanner<'a>, usize) -> Result<(), Stop>;

impl<'a> Scanner<'a> {
    /// Over `input` (UTF-8 text), at most `limit` bytes of it.
    pub(super) fn new(input: Box<dyn Read + 'a>, limit: u64, cancelled: &'a dyn Fn() -> bool) -> Self {
        let buffer = vec![0; 64 << 10].into_boxed_slice();
        Self { input, cancelled, limit, buffer, at: 0, end: 0, bytes_before: 0, lines: 0, counted: 0, recording: None }
    }

    /// Bytes consumed.
    pub(super) fn offset(&self) -> u64 {
        self.bytes_before + self.at as u64
    }

    /// Line of the next byte, from 1.
    pub(super) fn line(&mut self) -> u64 {
        let counted = self.counted.min(self.at);
        self.lines += memchr::memchr_iter(b'\n', &self.buffer[counted..self.at]).count() as u64;
        self.counted = self.at;
        self.lines + 1
    }

    /// First byte of the next token, not consumed; `None` at the end of the text.
    pub(super) fn peek(&mut self) -> Result<Option<u8>, Stop> {
        loop {
            while self.at < self.end {
                let byte = self.buffer[self.at];
                if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                    return Ok(Some(byte));
                }
                self.at += 1;
            }
            if !self.refill()? {
                return Ok(None);
            }
        }
    }

    /// Calls `each` with every member's name. False, and the value passed over, when the next value is no object.
    pub(super) fn object(&mut self, each: VisitMember<'_, 'a>) -> Result<bool, Stop> {
        if self.token()? != b'{' {
            return self.skip().map(|()| false);
        }
        self.at += 1;
        if self.token()? == b'}' {
            self.at += 1;
            return Ok(true);
        }
        loop {
            if self.token()? != b'"' {
                return Err(self.broken("a member name in quotes is missing"));
            }
            let key = self.capture(LONGEST_KEY)?.and_then(|raw| serde_json::from_slice::<String>(&raw).ok());
            if self.token()? != b':' {
                return Err(self.broken("`:` is missing"));
            }
            self.at += 1;
            self.token()?;
            each(self, key.as_deref().unwrap_or(""))?;
            if !self.another(b'}')? {
                return Ok(true);
            }
        }
    }

    /// Calls `each` with every element's index. False, and the value passed over, when the next value is no array.
    pub(super) fn array(&mut self, each: VisitElement<'_, 'a>) -> Result<bool, Stop> {
        if self.token()? != b'[' {
            return self.skip().map(|()| false);
        }
        self.at += 1;
        if self.token()? == b']' {
            self.at += 1;
            return Ok(true);
        }
        for index in 0.. {
            each(self, index)?;
            if !self.another(b']')? {
                break;
            }
            self.token()?;
        }
        Ok(true)
    }

    /// The bytes of the next value; `None`, and the value passed over, when it is longer than `limit` bytes.
    pub(super) fn capture(&mut self, limit: usize) -> Result<Option<Vec<u8>>, Stop> {
        self.token()?;
        self.recording = Some(Recording { bytes: Vec::new(), from: self.at, limit, overflow: false });
        let skipped = self.skip();
        self.save_recorded();
        let recording = self.recording.take();
        skipped?;
        Ok(recording.filter(|r| !r.overflow).map(|r| r.bytes))
    }

    /// Passes over the next value.
    pub(super) fn skip(&mut self) -> Result<(), Stop> {
        match self.token()? {
            b'"' => {
                self.at += 1;
                self.skip_string()
            }
            b'{' | b'[' => self.skip_nested(),
            b',' | b':' | b'}' | b']' => Err(self.broken("a value is missing")),
            _ => self.skip_scalar(),
        }
    }

    /// What is wrong at this place, as the reason to stop.
    pub(super) fn broken(&mut self, what: &str) -> Stop {
        let (offset, line) = (self.offset(), self.line());
        Stop::Broken(format!("is not valid JSON at byte {offset} / line {line}: {what}"))
    }

    fn token(&mut self) -> Result<u8, Stop> {
        match self.peek()? {
            Some(byte) => Ok(byte),
            None => Err(self.cut()),
        }
    }

    fn another(&mut self, close: u8) -> Result<bool, Stop> {
        match self.token()? {
            b',' => self.at += 1,
            byte if byte == close => {
                self.at += 1;
                return Ok(false);
            }
            _ => return Err(self.broken(&format!("`,` or `{}` is missing", char::from(close)))),
        }
        // A comma before the closing bracket is a common slip of report templates, and harmless.
        if self.token()? == close {
            self.at += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Past the closing quote of a string whose opening quote is consumed.
    fn skip_string(&mut self) -> Result<(), Stop> {
        loop {
            let found = memchr::memchr2(b'"', b'\\', &self.buffer[self.at..self.end]);
            let special = found.map(|ahead| self.buffer[self.at + ahead]);
            self.at = found.map_or(self.end, |ahead| self.at + ahead + 1);
            if special == Some(b'"') {
                return Ok(());
            }
            if self.at == self.end && !self.refill()? {
                return Err(self.cut());
            }
            if special == Some(b'\\') {
                self.at += 1;
            }
        }
    }

    fn skip_nested(&mut self) -> Result<(), Stop> {
        let mut open = Vec::new();
        loop {
            while self.at < self.end {
                let byte = self.buffer[self.at];
                match byte {
                    b'"' => {
                        self.at += 1;
                        self.skip_string()?;
                        continue;
                    }
                    b'{' => open.push(b'}'),
                    b'[' => open.push(b']'),
                    b'}' | b']' if open.pop() != Some(byte) => {
                        return Err(self.broken(&format!("`{}` closes another bracket", char::from(byte))));
                    }
                    _ => {}
                }
                self.at += 1;
                if open.is_empty() {
                    return Ok(());
                }
                if open.len() > DEEPEST {
                    return Err(self.broken(&format!("more than {DEEPEST} levels of nesting are not followed")));
                }
            }
            if !self.refill()? {
                return Err(self.cut());
            }
        }
    }

    fn skip_scalar(&mut self) -> Result<(), Stop> {
        loop {
            while self.at < self.end {
                if matches!(
                    self.buffer[self.at],
                    b',' | b':' | b'"' | b'{' | b'}' | b'[' | b']' | b' ' | b'\t' | b'\n' | b'\r'
                ) {
                    return Ok(());
                }
                self.at += 1;
            }
            if !self.refill()? {
                return Ok(());
            }
        }
    }

    fn cut(&mut self) -> Stop {
        let (offset, line) = (self.offset(), self.line());
        Stop::Broken(format!(
            "is cut off at byte {offset} / line {line}: what comes before was read, the rest is missing; let the scanner \
             finish and write the log again"
        ))
    }

    /// Puts what was recorded and is in the buffer aside.
    fn save_recorded(&mut self) {
        if let Some(recording) = &mut self.recording {
            let part = &self.buffer[recording.from..self.at];
            recording.from = self.at;
            if recording.overflow || recording.bytes.len() + part.len() > recording.limit {
                recording.overflow = true;
                recording.bytes = Vec::new();
            } else {
                recording.bytes.extend_from_slice(part);
            }
        }
    }

    /// Reads more once everything in the buffer is consumed; false at the end of the text.
    fn refill(&mut self) -> Result<bool, Stop> {
        if (self.cancelled)() {
            return Err(Stop::Cancelled);
        }
        self.save_recorded();
        self.bytes_before += self.at as u64;
        self.line();
        (self.at, self.end, self.counted) = (0, 0, 0);
        if let Some(recording) = &mut self.recording {
            recording.from = 0;
        }
        if self.bytes_before >= self.limit {
            return Err(Stop::Broken(format!(
                "is longer than {} bytes as text, and only these were read; split the log or write fewer results",
                self.limit
            )));
        }
        loop {
            match self.input.read(&mut self.buffer) {
                Ok(size) => {
                    self.end = size;
                    return Ok(size > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // A gzip stream that was cut off.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
                Err(error) => {
                    return Err(Stop::Broken(format!("cannot be read past byte {}: {error}", self.bytes_before)));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    /// Gives a few bytes at a time, so that everything crosses a buffer's end somewhere.
    struct Drops<'a>(&'a [u8], usize);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let size = self.1.min(self.0.len()).min(into.len());
            into[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-z{}\\[\\]\"\\\\,:\n\u{e9}\u{1F600}]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
                proptest::collection::vec(("[a-z\"\\\\{]{0,5}", inner), 0..5)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    /// Takes the next value apart and puts it together again, by descending or by capturing, as `choices` say.
    fn rebuilt(scanner: &mut Scanner<'_>, choices: &mut u64) -> Result<Value, Stop> {
        *choices = choices.rotate_left(1);
        match scanner.peek()? {
            Some(b'[') if *choices & 1 == 1 => {
                let mut out = Vec::new();
                scanner.array(&mut |scanner, index| {
                    assert_eq!(index, out.len());
                    out.push(rebuilt(scanner, choices)?);
                    Ok(())
                })?;
                Ok(Value::from(out))
            }
            Some(b'{') if *choices & 1 == 1 => {
                let mut out = serde_json::Map::new();
                scanner.object(&mut |scanner, key| {
                    out.insert(key.to_owned(), rebuilt(scanner, choices)?);
                    Ok(())
                })?;
                Ok(Value::from(out))
            }
            _ => Ok(serde_json::from_slice(&scanner.capture(1 << 20)?.expect("short")).expect("JSON")),
        }
    }

    proptest! {
        #[test]
        fn any_json_is_taken_apart_as_a_full_parser_does(
            value in any_json(), step in 1usize..9, mut choices in any::<u64>(), is_pretty in any::<bool>(),
        ) {
            let text = if is_pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
            let text = text.expect("JSON");
            let mut scanner = Scanner::new(Box::new(Drops(text.as_bytes(), step)), u64::MAX, &|| false);
            prop_assert_eq!(rebuilt(&mut scanner, &mut choices).expect("JSON"), value);
            prop_assert_eq!(scanner.peek().expect("the end"), None);
            prop_assert_eq!(scanner.offset(), text.len() as u64);
            prop_assert_eq!(scanner.line(), text.matches('\n').count() as u64 + 1);
            let mut scanner = Scanner::new(Box::new(Drops(text.as_bytes(), step)), u64::MAX, &|| false);
            scanner.skip().expect("JSON");
            prop_assert_eq!(scanner.offset(), text.len() as u64);
        }

        #[test]
        fn any_bytes_come_to_an_end(bytes in proptest::collection::vec(prop_oneof![
            Just(b'{'), Just(b'}'), Just(b'['), Just(b']'), Just(b'"'), Just(b'\\'), Just(b','), Just(b':'), Just(b'1'), any::<u8>(),
        ], 0..60), step in 1usize..9, mut choices in any::<u64>()) {
            let mut scanner = Scanner::new(Box::new(Drops(&bytes, step)), u64::MAX, &|| false);
            let _ = scanner.object(&mut |scanner, _| scanner.array(&mut |scanner, _| {
                choices = choices.rotate_left(1);
                if choices & 1 == 1 { scanner.skip() } else { scanner.capture(8).map(drop) }
            }).map(drop));
            prop_assert!(scanner.offset() <= bytes.len() as u64);
        }
    }

    #[test]
    fn a_value_longer_than_the_limit_is_passed_over() {
        let mut scanner = Scanner::new(Box::new(Drops(b"[\"12345678\", 1]", 3)), u64::MAX, &|| false);
        let mut captured = Vec::new();
        let each = &mut |scanner: &mut Scanner<'_>, _| {
            captured.push(scanner.capture(9)?);
            Ok(())
        };
        scanner.array(each).expect("JSON");
        assert_eq!(captured, [None, Some(b"1".to_vec())]);
    }
}
