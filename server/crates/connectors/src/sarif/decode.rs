//! From a file's bytes to UTF-8 text: gzip, byte order marks and UTF-16, all while streaming.

use std::io::{self, BufReader, Read};

use flate2::read::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];

/// The text in `raw`. One layer of gzip is opened, told by its first bytes rather than by the file's name; a byte order
/// mark is taken off; UTF-16 (with a mark, or told by the zero byte beside the first brace) becomes UTF-8. Invalid
/// UTF-8 passes through, unpaired surrogates become U+FFFD.
pub(super) fn text<'a>(mut raw: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let head = peek::<2>(&mut raw)?;
    let zipped = *head == GZIP;
    let whole = io::Cursor::new(head).chain(raw);
    if zipped { unmarked(MultiGzDecoder::new(BufReader::new(whole))) } else { unmarked(whole) }
}

fn unmarked<'a>(mut text: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
    let head = peek::<3>(&mut text)?;
    let (mark, big_endian) = match *head {
        [0xef, 0xbb, 0xbf] => (3, None),
        [0xff, 0xfe, ..] => (2, Some(false)),
        [0xfe, 0xff, ..] => (2, Some(true)),
        [b'{', 0, ..] => (0, Some(false)),
        [0, b'{', ..] => (0, Some(true)),
        _ => (0, None),
    };
    let rest = io::Cursor::new(head[mark..].to_vec()).chain(text);
    Ok(match big_endian {
        None => Box::new(rest),
        Some(big_endian) => Box::new(Utf16::new(rest, big_endian)),
    })
}

/// Up to `N` first bytes. An error past the first byte is left for the next read to meet again.
fn peek<const N: usize>(from: &mut impl Read) -> io::Result<Box<[u8]>> {
    let mut head = Vec::with_capacity(N);
    match from.take(N as u64).read_to_end(&mut head) {
        Err(error) if head.is_empty() => Err(error),
        _ => Ok(head.into_boxed_slice()),
    }
}

/// UTF-16 to UTF-8.
struct Utf16<R> {
    input: R,
    big_endian: bool,
    /// Bytes of a code unit or surrogate pair that the last read cut.
    rest: Vec<u8>,
    ready: Vec<u8>,
    taken: usize,
}

impl<R: Read> Utf16<R> {
    fn new(input: R, big_endian: bool) -> Self {
        Self { input, big_endian, rest: Vec::new(), ready: Vec::new(), taken: 0 }
    }

    /// Reads and converts one more chunk; false at the end.
    fn advance(&mut self) -> io::Result<bool> {
        let mut chunk = [0; 16 << 10];
        let size = self.input.read(&mut chunk)?;
        let mut bytes = std::mem::take(&mut self.rest);
        bytes.extend_from_slice(&chunk[..size]);
        let mut units: Vec<u16> = bytes
            .chunks_exact(2)
            .map(|pair| if self.big_endian { [pair[0], pair[1]] } else { [pair[1], pair[0]] })
            .map(u16::from_be_bytes)
            .collect();
        let mut used = units.len() * 2;
        let cuts_a_pair = units.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit));
        if size > 0 && cuts_a_pair {
            units.pop();
            used -= 2;
        }
        if size > 0 {
            self.rest.extend_from_slice(&bytes[used..]);
        }
        self.ready.clear();
        self.taken = 0;
        for character in char::decode_utf16(units) {
            let character = character.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.ready.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        Ok(size > 0)
    }
}

impl<R: Read> Read for Utf16<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.taken == self.ready.len() {
            if !self.advance()? && self.ready.is_empty() {
                return Ok(0);
            }
        }
        let size = into.len().min(self.ready.len() - self.taken);
        into[..size].copy_from_slice(&self.ready[self.taken..self.taken + size]);
        self.taken += size;
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn decoded(bytes: &[u8]) -> String {
        let mut out = Vec::new();
        text(OneByOne(bytes)).expect("opens").read_to_end(&mut out).expect("reads");
        String::from_utf8(out).expect("UTF-8")
    }

    /// The least helpful reader there may be.
    struct OneByOne<'a>(&'a [u8]);

    impl Read for OneByOne<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let size = into.len().min(self.0.len()).min(1);
            into[..size].copy_from_slice(&self.0[..size]);
            self.0 = &self.0[size..];
            Ok(size)
        }
    }

    fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        const TEXT: &str = "{\"a\": \"h\u{e9}\u{1F600}\"}";
        let marked = format!("\u{feff}{TEXT}");
        let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        zip.write_all(&utf16(&marked, u16::to_le_bytes)).expect("zips");
        for (name, bytes) in [
            ("plain", TEXT.as_bytes().to_vec()),
            ("UTF-8 with a mark", marked.as_bytes().to_vec()),
            ("UTF-16 LE with a mark", utf16(&marked, u16::to_le_bytes)),
            ("UTF-16 BE with a mark", utf16(&marked, u16::to_be_bytes)),
            ("UTF-16 LE without", utf16(TEXT, u16::to_le_bytes)),
            ("UTF-16 BE without", utf16(TEXT, u16::to_be_bytes)),
            ("gzip of UTF-16", zip.finish().expect("zips")),
        ] {
            assert_eq!(decoded(&bytes), TEXT, "{name}");
        }
    }

    #[test]
    fn short_and_broken_input_ends_quietly() {
        assert_eq!(decoded(b""), "");
        assert_eq!(decoded(b"{"), "{");
        assert_eq!(decoded(&[0xff, 0xfe, b'{', 0, 0x3d, 0xd8]), "{\u{fffd}");
        assert_eq!(decoded(&[0xff, 0xfe, b'{', 0, 7]), "{");
    }
}
