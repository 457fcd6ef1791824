//! `primaryLocationLineHash` as code scanning uploads carry it: a rolling hash of the hundred characters (UTF-16 units)
//! from a line's start on, blanks left out, with an ordinal among equal hashes: `"39fa2ee980eb94b0:1"`.

use std::collections::{HashMap, VecDeque};

const WINDOW: usize = 100;
const FACTOR: u64 = 37;
/// Stands behind the last character, before the zeros that fill the last windows.
const END_OF_FILE: u16 = u16::MAX;

/// Line (from 0) that `fingerprint` names in `text`, if one does.
pub(crate) fn find(text: &str, fingerprint: &str) -> Option<usize> {
    of_lines(text).into_iter().position(|hash| hash == fingerprint)
}

fn of_lines(text: &str) -> Vec<String> {
    let units = without_blanks(text);
    let mut leaving = 1u64;
    for _ in 0..WINDOW {
        leaving = leaving.wrapping_mul(FACTOR);
    }
    let mut lines = Vec::new();
    let mut seen: HashMap<u64, usize> = HashMap::new();
    // Starts of lines whose window is not full yet.
    let mut open: VecDeque<usize> = VecDeque::new();
    let mut hash = 0u64;
    let mut starts_line = true;
    for at in 0..units.len() + WINDOW {
        if open.front().is_some_and(|start| start + WINDOW == at) {
            open.pop_front();
            let ordinal = seen.entry(hash).or_default();
            *ordinal += 1;
            lines.push(format!("{hash:x}:{ordinal}"));
        }
        let unit = units.get(at).copied().unwrap_or(0);
        if starts_line && at < units.len() {
            open.push_back(at);
        }
        starts_line = unit == u16::from(b'\n');
        let left = at.checked_sub(WINDOW).and_then(|at| units.get(at)).copied().unwrap_or(0);
        hash =
            hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit)).wrapping_sub(leaving.wrapping_mul(u64::from(left)));
    }
    lines
}

/// All line endings as `\n`; spaces and tabs left out.
fn without_blanks(text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut behind_return = false;
    for unit in text.encode_utf16() {
        let is_second_half = behind_return && unit == u16::from(b'\n');
        behind_return = false;
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || is_second_half {
            continue;
        }
        behind_return = unit == u16::from(b'\r');
        units.push(if behind_return { u16::from(b'\n') } else { unit });
    }
    units.push(END_OF_FILE);
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_equal_those_that_uploads_carry() {
        let cases: [(&str, &[&str]); 4] = [
            ("", &["c129715d7a2bc9a3:1"]),
            (
                " a\nb\n  \t\tc\n d",
                &["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"],
            ),
            (
                " hello; \t\nworld!!!\r\n\n\r  \t\tGreetings\r End\r\n",
                &[
                    "e9496ae3ebfced30:1",
                    "fb7c023a8b9ccb3f:1",
                    "ce8ba1a563dcdaca:1",
                    "e20e36e16fcb0cc8:1",
                    "b3edc88f2938467e:1",
                    "c8e28b0b4002a3a0:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
            (
                "x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n",
                &[
                    "e54938cc54b302f1:1",
                    "bb609acbe9138d60:1",
                    "1131fd5871777f34:1",
                    "5c482a0f8b35ea28:1",
                    "54517377da7028d2:1",
                    "2c644846cb18d53e:1",
                    "f1b89f20de0d133:1",
                    "c129715d7a2bc9a3:1",
                ],
            ),
        ];
        for (text, hashes) in cases {
            assert_eq!(of_lines(text), hashes, "{text:?}");
        }
    }

    #[test]
    fn equal_lines_in_equal_surroundings_are_told_apart_by_their_ordinal() {
        let text = "Lorem ipsum dolor sit amet.\n".repeat(10);
        assert_eq!(find(&text, "a7f2ff13bc495cf2:3"), Some(2));
        assert_eq!(find(&text, "a7f2ff13bc495cf2:9"), None);
    }
}
