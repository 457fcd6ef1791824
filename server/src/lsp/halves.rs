//! Halves of surrogate pairs in what a client sends. JSON can say them (`"\ud83d"`), no Rust string can hold them, and the
//! transport takes a message with one for the end of all messages. Editors whose texts are UTF-16 do send them: half of
//! an emoji was typed or deleted. Each becomes U+FFFD, which is as many bytes on the wire and as many columns in UTF-16.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};

/// Bytes read at once.
const CHUNK: usize = 64 * 1024;
/// Bytes of `\ud83d`.
const ESCAPE: usize = 6;
const REPLACEMENT: &[u8; ESCAPE] = b"\\ufffd";

/// A stream of JSON without lone halves.
pub(crate) struct WithoutHalves<R> {
    inner: R,
    chunk: Box<[u8]>,
    /// What came and is not decided yet: the beginning of an escape, or a first half whose second may follow.
    held: Vec<u8>,
    ready: Vec<u8>,
    given: usize,
}

impl<R> WithoutHalves<R> {
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, chunk: vec![0; CHUNK].into(), held: Vec::new(), ready: Vec::new(), given: 0 }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for WithoutHalves<R> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        let this = &mut *self;
        while this.given == this.ready.len() {
            let mut chunk = ReadBuf::new(&mut this.chunk);
            ready!(Pin::new(&mut this.inner).poll_read(cx, &mut chunk))?;
            let came = chunk.filled();
            let is_end = came.is_empty();
            this.held.extend_from_slice(came);
            this.ready.clear();
            this.given = 0;
            mend(&mut this.held, &mut this.ready, is_end);
            if is_end && this.ready.is_empty() {
                return Poll::Ready(Ok(()));
            }
        }
        let left = &this.ready[this.given..];
        let now = left.len().min(buf.remaining());
        buf.put_slice(&left[..now]);
        this.given += now;
        Poll::Ready(Ok(()))
    }
}

/// Moves what is decided of `held` to `ready`; at the end all of it is.
fn mend(held: &mut Vec<u8>, ready: &mut Vec<u8>, is_end: bool) {
    let mut at = 0;
    while let Some(next) = held[at..].iter().position(|byte| *byte == b'\\') {
        ready.extend_from_slice(&held[at..at + next]);
        at += next;
        let length = match escape(&held[at..]) {
            Escape::Incomplete if is_end => break,
            Escape::Incomplete => {
                held.drain(..at);
                return;
            }
            Escape::Whole(length) => length,
            Escape::Half => {
                ready.extend_from_slice(REPLACEMENT);
                at += ESCAPE;
                continue;
            }
        };
        ready.extend_from_slice(&held[at..at + length]);
        at += length;
    }
    ready.extend_from_slice(&held[at..]);
    held.clear();
}

/// What begins with a backslash.
#[derive(Debug, PartialEq, Eq)]
enum Escape {
    /// More has to come first.
    Incomplete,
    /// So many bytes that stay as they are.
    Whole(usize),
    /// The six bytes of a lone half.
    Half,
}

fn escape(bytes: &[u8]) -> Escape {
    match unit(bytes) {
        Unit::Incomplete => Escape::Incomplete,
        Unit::None => Escape::Whole(2),
        Unit::Some(0xDC00..=0xDFFF) => Escape::Half,
        Unit::Some(0xD800..=0xDBFF) => match unit(&bytes[ESCAPE..]) {
            Unit::Incomplete => Escape::Incomplete,
            Unit::Some(0xDC00..=0xDFFF) => Escape::Whole(2 * ESCAPE),
            Unit::Some(_) | Unit::None => Escape::Half,
        },
        Unit::Some(_) => Escape::Whole(ESCAPE),
    }
}

/// A UTF-16 code unit as JSON escapes it.
enum Unit {
    Incomplete,
    /// Something else stands here.
    None,
    Some(u16),
}

fn unit(bytes: &[u8]) -> Unit {
    match bytes {
        [] | [b'\\'] => Unit::Incomplete,
        [b'\\', b'u', digits @ ..] => {
            let digits = &digits[..digits.len().min(4)];
            match std::str::from_utf8(digits).ok().filter(|_| digits.iter().all(u8::is_ascii_hexdigit)) {
                None => Unit::None,
                Some(text) if text.len() == 4 => u16::from_str_radix(text, 16).map_or(Unit::None, Unit::Some),
                Some(_) => Unit::Incomplete,
            }
        }
        _ => Unit::None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes out when the bytes arrive in pieces that end at `cuts`.
    fn mended(text: &str, cuts: &[usize]) -> String {
        let (mut held, mut ready) = (Vec::new(), Vec::new());
        let mut from = 0;
        for cut in cuts.iter().map(|cut| (*cut).min(text.len())).chain([text.len()]) {
            held.extend_from_slice(&text.as_bytes()[from..cut.max(from)]);
            from = from.max(cut);
            mend(&mut held, &mut ready, false);
        }
        mend(&mut held, &mut ready, true);
        String::from_utf8(ready).unwrap()
    }

    #[test]
    fn halves_are_replaced_and_nothing_else_is_touched() {
        for (sent, wanted) in [
            (r#""a\ud83db""#, r#""a\ufffdb""#),
            (r#""\ud83d\ude00""#, r#""\ud83d\ude00""#),
            (r#""\uD83D\uDE00\uDE00""#, r#""\uD83D\uDE00\ufffd""#),
            (r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#),
            (r#""\ud83d\n""#, r#""\ufffd\n""#),
            (r#""\\ud83d""#, r#""\\ud83d""#),
            (r#""\\\ud83d""#, r#""\\\ufffd""#),
            (r#""\u00e9\"""#, r#""\u00e9\"""#),
            (r#""\ud83"#, r#""\ud83"#),
            (r#""\ud83d\"#, r#""\ud83d\"#),
        ] {
            assert_eq!(mended(sent, &[]), wanted, "{sent}");
        }
    }

    proptest! {
        #[test]
        fn a_message_with_any_escapes_can_be_read_however_it_arrives(
            pieces in proptest::collection::vec(prop_oneof![
                Just(r"\ud83d"), Just(r"\ude00"), Just(r"\\"), Just(r"\n"), Just(r"\u0041"), Just("u"), Just("d83d"), Just("é"),
            ], 0..12),
            mut cuts in proptest::collection::vec(0usize..70, 0..6),
        ) {
            cuts.sort_unstable();
            let text = format!("\"{}\"", pieces.concat());
            let mended = mended(&text, &cuts);
            prop_assert_eq!(mended.len(), text.len());
            prop_assert!(serde_json::from_str::<String>(&mended).is_ok(), "{}", mended);
            if serde_json::from_str::<String>(&text).is_ok() {
                prop_assert_eq!(mended, text);
            }
        }
    }
}
