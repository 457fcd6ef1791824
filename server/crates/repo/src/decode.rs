//! Text out of bytes that are no UTF-8: legacy encodings, and text with NUL bytes in it.
//!
//! For finding a place in a file, never for reading a configuration: no byte is lost, but nobody knows what the author
//! meant by those beyond ASCII.

/// A file's bytes as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// One character for each that the encoding knows.
    pub text: String,
    /// How it was read.
    pub encoding: Encoding,
    /// It holds NUL bytes that its encoding does not account for.
    pub is_binary: bool,
}

/// How bytes were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    Utf8,
    /// UTF-16 of either byte order, with or without its mark.
    Utf16,
    /// One byte, one character: Windows-1252 as browsers read it, where every byte is a character of its own.
    Windows1252,
}

/// Bytes looked at for what a file is.
const LOOKED_AT: usize = 8000;

/// `bytes` as text: every file has one.
#[must_use]
pub fn decode(bytes: &[u8]) -> Decoded {
    if let Some(text) = utf16(bytes) {
        return Decoded { text, encoding: Encoding::Utf16, is_binary: false };
    }
    let is_binary = looks_binary(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => Decoded { text: text.to_owned(), encoding: Encoding::Utf8, is_binary },
        Err(_) => Decoded {
            text: bytes.iter().copied().map(windows_1252).collect(),
            encoding: Encoding::Windows1252,
            is_binary,
        },
    }
}

/// Git's own idea of what is no text: a NUL in the first 8,000 bytes.
pub(crate) fn looks_binary(bytes: &[u8]) -> bool {
    bytes.iter().take(LOOKED_AT).any(|byte| *byte == 0)
}

/// UTF-16 by its mark, or by the NULs that it makes of ASCII: in one lane of bytes most, in the other none.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (pairs, []) = bytes.as_chunks::<2>() else { return None };
    let (is_big, pairs) = match pairs {
        [[0xff, 0xfe], rest @ ..] => (false, rest),
        [[0xfe, 0xff], rest @ ..] => (true, rest),
        _ => {
            let looked = &pairs[..pairs.len().min(LOOKED_AT / 2)];
            let nuls = |lane: usize| looked.iter().filter(|pair| pair[lane] == 0).count();
            match (nuls(0), nuls(1)) {
                (0, low) if low > 0 && low * 10 >= looked.len() * 7 => (false, pairs),
                (high, 0) if high > 0 && high * 10 >= looked.len() * 7 => (true, pairs),
                _ => return None,
            }
        }
    };
    let unit = |pair: &[u8; 2]| if is_big { u16::from_be_bytes(*pair) } else { u16::from_le_bytes(*pair) };
    char::decode_utf16(pairs.iter().map(unit)).collect::<Result<String, _>>().ok()
}

fn windows_1252(byte: u8) -> char {
    /// What 0x80 to 0x9f stand for; five are not taken and stay what they are.
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODE: &str = "name = 'café'\nos.system(c)\n";

    fn wide(text: &str, mark: bool, unit: impl Fn(u16) -> [u8; 2]) -> Vec<u8> {
        mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn utf_16_is_read_in_either_order_with_and_without_its_mark() {
        for bytes in [
            wide(CODE, true, u16::to_le_bytes),
            wide(CODE, true, u16::to_be_bytes),
            wide(CODE, false, u16::to_le_bytes),
            wide(CODE, false, u16::to_be_bytes),
        ] {
            let expected = Decoded { text: CODE.to_owned(), encoding: Encoding::Utf16, is_binary: false };
            assert_eq!(decode(&bytes), expected, "{bytes:x?}");
        }
        assert_eq!(decode(b"\xff\xfe\x00\xd8a\0").encoding, Encoding::Windows1252, "half a pair is not UTF-16");
    }

    #[test]
    fn any_bytes_have_a_text_and_different_bytes_a_different_one() {
        let all: Vec<u8> = (0..=255).collect();
        let decoded = decode(&all);
        assert_eq!((decoded.encoding, decoded.is_binary), (Encoding::Windows1252, true));
        let characters: std::collections::HashSet<char> = decoded.text.chars().collect();
        assert_eq!(characters.len(), 256);
        assert_eq!(decode(b"caf\xe9 \x80\n").text, "café €\n");
    }

    #[test]
    fn a_nul_in_a_text_hides_nothing_of_it() {
        let decoded = decode(format!("{CODE}\0\n").as_bytes());
        assert_eq!((decoded.text.as_str(), decoded.is_binary), (&*format!("{CODE}\0\n"), true));
        assert_eq!(decoded.encoding, Encoding::Utf8);
    }
}
