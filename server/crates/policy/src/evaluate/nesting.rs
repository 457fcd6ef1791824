//! Brackets that nest cost the parser twice as much with every level: refused before it sees them.

use super::{Error, Spot};
use crate::bundle::Module;

/// Bytes, each counted as often as the parser may look at it.
const MOST: u64 = 8_000_000;

/// Refuses modules whose brackets would keep the parser busy.
pub(crate) fn check_nesting(origin: &str, modules: &[Module]) -> Result<(), Error> {
    let mut looks = 0u64;
    for module in modules {
        if let Some(line) = count(&module.text, &mut looks) {
            return Err(Error::Refused {
                origin: origin.to_owned(),
                spot: Box::new(Spot::new(&module.path, &module.text, line, 1)),
                rule: None,
                message: "brackets nest too deep here: use several rules, or put this into the bundle's data"
                    .to_owned(),
            });
        }
    }
    Ok(())
}

/// Adds up `text`; the line where it becomes too much.
fn count(text: &str, looks: &mut u64) -> Option<u32> {
    let (mut depth, mut line, mut bytes) = (0u32, 1u32, text.bytes());
    while let Some(byte) = bytes.next() {
        match byte {
            b'\n' => line += 1,
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b'#' => {
                for byte in bytes.by_ref() {
                    if byte == b'\n' {
                        line += 1;
                        break;
                    }
                }
            }
            b'"' | b'`' => {
                // A text in quotes ends with its line at the latest, a raw one does not.
                while let Some(inner) = bytes.next() {
                    line += u32::from(inner == b'\n');
                    if inner == byte || (byte == b'"' && inner == b'\n') {
                        break;
                    }
                    if byte == b'"' && inner == b'\\' {
                        bytes.next();
                    }
                }
            }
            _ => {}
        }
        *looks = looks.saturating_add(1u64.checked_shl(depth).unwrap_or(u64::MAX));
        if *looks > MOST {
            return Some(line);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Option<u32> {
        count(text, &mut 0)
    }

    #[test]
    fn what_people_write_is_far_from_the_bound() {
        for (_, text) in crate::BUILT_IN_MODULES {
            assert_eq!(refused(&text.repeat(20)), None);
        }
    }

    #[test]
    fn brackets_in_texts_and_comments_do_not_count() {
        let brackets = "[".repeat(100);
        for text in [
            format!("\"{brackets}\""),
            format!("`\n{brackets}`"),
            format!("# {brackets}"),
            format!("\"\\\"{brackets}\""),
        ] {
            assert_eq!(refused(&text), None, "{text}");
        }
        assert_eq!(refused(&format!("\n`\n`\"\n{brackets}")), Some(4));
        assert_eq!(refused(&format!("\n# it's\n{brackets}")), Some(3));
    }
}
