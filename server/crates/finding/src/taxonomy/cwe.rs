//! The CWE tree: one table of MITRE's list, read on first use.

use std::sync::LazyLock;

/// CWE numbers named in `text` (`CWE-79`, `external/cwe/cwe-079`, `CWE79`, `cwe:79`, the address of an entry on MITRE's
/// site), in order, without repeats. Any number is taken, known to [`cwe_name`] or not; a version of the list
/// (`CWE 4.15`) is not a number.
#[must_use]
pub fn cwe_in(text: &str) -> Vec<u32> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at + 3 <= bytes.len() {
        let starts_word = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
        if starts_word && bytes[at..at + 3].eq_ignore_ascii_case(b"cwe") {
            at += 3;
            if let Some(number) = number_behind(&bytes[at..]).filter(|number| !found.contains(number)) {
                found.push(number);
            }
        } else {
            at += 1;
        }
    }
    found
}

/// The number that follows the word `cwe`, at most three separators away or in an entry's address.
fn number_behind(rest: &[u8]) -> Option<u32> {
    const ENTRY: &[u8] = b".mitre.org/data/definitions/";
    let digits = if rest.len() > ENTRY.len() && rest[..ENTRY.len()].eq_ignore_ascii_case(ENTRY) {
        ENTRY.len()
    } else {
        rest.iter().take(3).take_while(|byte| b"-_:/# =".contains(byte)).count()
    };
    let rest = &rest[digits..];
    let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let ends_there = match rest.get(len) {
        Some(b'.') => !rest.get(len + 1).is_some_and(u8::is_ascii_digit),
        Some(next) => !next.is_ascii_alphanumeric(),
        None => true,
    };
    // Numbers have at most four digits today; tools pad them with zeros.
    if len > 8 || !ends_there {
        return None;
    }
    let number = std::str::from_utf8(&rest[..len]).ok()?.parse().ok()?;
    (number != 0).then_some(number)
}

/// The weakness's name; `None` for a number this build does not know.
#[must_use]
pub fn cwe_name(cwe: u32) -> Option<&'static str> {
    entry(&TABLE, cwe).map(|entry| entry.name)
}

/// Whether `ancestor` is `cwe` or one of its ancestors in the research view (CWE-1000). Unknown numbers: `false`.
#[must_use]
pub fn is_ancestor_or_equal(ancestor: u32, cwe: u32) -> bool {
    climbs_to(&TABLE, ancestor, cwe)
}

static TABLE: LazyLock<Vec<Entry>> = LazyLock::new(|| read_table(include_str!("cwe.tsv")));

struct Entry {
    number: u32,
    parents: Vec<u32>,
    name: &'static str,
}

fn entry(table: &[Entry], cwe: u32) -> Option<&Entry> {
    let at = table.binary_search_by_key(&cwe, |entry| entry.number).ok()?;
    table.get(at)
}

/// A weakness may have several parents, and nothing promises that a later list is free of cycles.
fn climbs_to(table: &[Entry], ancestor: u32, cwe: u32) -> bool {
    let mut seen = Vec::new();
    let mut open = vec![cwe];
    while let Some(next) = open.pop() {
        let Some(entry) = entry(table, next).filter(|_| !seen.contains(&next)) else { continue };
        if next == ancestor {
            return true;
        }
        seen.push(next);
        open.extend_from_slice(&entry.parents);
    }
    false
}

fn read_table(table: &'static str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = table
        .lines()
        .filter_map(|line| {
            let mut fields = line.split('\t');
            let number = fields.next()?.parse().ok()?;
            let parents = fields.next()?.split(',').filter_map(|parent| parent.parse().ok()).collect();
            Some(Entry { number, parents, name: fields.next()? })
        })
        .collect();
    entries.sort_by_key(|entry| entry.number);
    entries
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_found_however_tools_write_them() {
        for (text, numbers) in [
            ("CWE-79", &[79][..]),
            ("cwe79", &[79]),
            ("cwe:79", &[79]),
            ("CWE 79", &[79]),
            ("cwe_79", &[79]),
            ("external/cwe/cwe-079", &[79]),
            ("CWE-327: Use of a Broken or Risky Cryptographic Algorithm", &[327]),
            ("CWE-89, CWE-564 and again CWE-89", &[89, 564]),
            ("[CWE-1333]", &[1333]),
            ("(see CWE-22.)", &[22]),
            ("https://cwe.mitre.org/data/definitions/703.html", &[703]),
            ("é CWE-20 é", &[20]),
            ("CWE-99999", &[99999]),
        ] {
            assert_eq!(cwe_in(text), numbers, "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_a_weakness_is_left_alone() {
        for text in
            ["", "cw", "cwe", "CWE-", "79", "xcwe-79", "CWE-79x", "CWE-0", "CWE 4.15", "CWE-TOP-25", "CWE-123456789012"]
        {
            assert!(cwe_in(text).is_empty(), "{text}");
        }
    }

    #[test]
    fn ancestors_are_those_of_the_research_view() {
        for (ancestor, cwe, related) in [
            (74, 89, true),
            (943, 89, true),
            (707, 89, true),
            (77, 78, true),
            (78, 77, false),
            (89, 74, false),
            (79, 89, false),
            (74, 79, true),
            (79, 79, true),
            (327, 328, true),
            (664, 22, true),
            (99_999, 99_999, false),
            (74, 99_999, false),
            (99_999, 89, false),
            (0, 0, false),
        ] {
            assert_eq!(is_ancestor_or_equal(ancestor, cwe), related, "{ancestor} over {cwe}");
        }
    }

    #[test]
    fn a_list_with_a_cycle_still_gets_an_answer() {
        let table = read_table("1\t2\tone\n2\t3,1\ttwo\n3\t2\tthree\n4\t\tapart");
        assert!(climbs_to(&table, 3, 1));
        assert!(climbs_to(&table, 1, 3));
        assert!(!climbs_to(&table, 4, 1));
    }

    #[test]
    fn a_category_has_a_name_and_no_place_in_the_tree() {
        assert_eq!(cwe_name(310), Some("Cryptographic Issues"));
        assert!(is_ancestor_or_equal(310, 310));
        assert!(!is_ancestor_or_equal(310, 327));
    }

    #[test]
    fn names_are_mitres() {
        assert_eq!(cwe_name(798), Some("Use of Hard-coded Credentials"));
        assert_eq!(cwe_name(99_999), None);
    }

    #[test]
    fn every_line_of_the_table_is_read_and_every_parent_is_in_it() {
        let text = include_str!("cwe.tsv");
        let table = read_table(text);
        let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(table.len(), lines.len());
        for (entry, line) in table.iter().zip(lines) {
            let parents: Vec<String> = entry.parents.iter().map(u32::to_string).collect();
            assert_eq!(format!("{}\t{}\t{}", entry.number, parents.join(","), entry.name), line);
            assert!(entry.parents.iter().all(|&parent| cwe_name(parent).is_some()), "{line}");
            assert!(entry.parents.iter().all(|&parent| !is_ancestor_or_equal(entry.number, parent)), "a cycle: {line}");
        }
    }

    proptest! {
        #[test]
        fn any_number_is_read_back_from_any_notation(
            number in 1u32..99_999, width in 0usize..7,
            word in prop::sample::select(vec!["CWE", "cwe", "Cwe"]),
            separator in prop::sample::select(vec!["", "-", ":", "_", " ", ": ", "/", " - "]),
            tail in prop::sample::select(vec!["", ":", ", ", ".", "]", ".html", "\u{e9}"]),
        ) {
            prop_assert_eq!(cwe_in(&format!("({word}{separator}{number:0width$}{tail}")), [number]);
        }

        #[test]
        fn no_text_makes_it_panic(text in "(cwe|CWE|-|:|[0-9]|\\.|\u{e9}| ){0,20}") {
            for number in cwe_in(&text) {
                prop_assert!(text.contains(&number.to_string()));
            }
        }
    }
}
