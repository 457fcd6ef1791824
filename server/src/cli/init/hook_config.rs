//! The text of a hook configuration with our entry in it: whatever else is there stays as it is, byte for byte.

/// What becomes of a configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The new text, with the entry at the end of the list.
    Added(String),
    /// The new text, with our version instead of another.
    Pinned {
        /// The whole text.
        text: String,
        /// The version that was there.
        from: String,
    },
    /// It names us already.
    None,
    /// Nobody can see from the lines alone where the list ends.
    Unclear,
}

const PIN: &str = "aspm-lsp==";
const BYTE_ORDER_MARK: char = '\u{feff}';

/// `text` with the hook in it: `entry`, lines without indent, or the version of the entry that is there.
pub(super) fn with_hook(text: &str, entry: &str, version: &str) -> Change {
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    if text.lines().any(|line| !is_comment(line) && line.contains("aspm-lsp")) {
        return pinned(text, version);
    }
    added(text, entry).map_or(Change::Unclear, Change::Added)
}

fn pinned(text: &str, version: &str) -> Change {
    let (mut new, mut from) = (String::with_capacity(text.len()), None);
    for line in text.split_inclusive('\n') {
        let at = line.find(PIN).map(|at| at + PIN.len()).filter(|_| !line.trim_start().starts_with('#'));
        let Some(at) = at else {
            new.push_str(line);
            continue;
        };
        let is_version = |character: char| character.is_ascii_alphanumeric() || "._-+!".contains(character);
        let end = line[at..].find(|character| !is_version(character)).map_or(line.len(), |length| at + length);
        if &line[at..end] != version {
            from = Some(line[at..end].to_owned());
        }
        new.extend([&line[..at], version, &line[end..]]);
    }
    from.map_or(Change::None, |from| Change::Pinned { text: new, from })
}

/// `None` where the end of the list of repositories is not plain to see.
fn added(text: &str, entry: &str) -> Option<String> {
    let bare = text.trim_start_matches(BYTE_ORDER_MARK);
    if bare.trim().is_empty() {
        return Some(format!("repos:\n{entry}"));
    }
    let lines: Vec<&str> = bare.split_inclusive('\n').collect();
    let mut keys = lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.strip_prefix("repos:")?)));
    let ((at, value), None) = (keys.next()?, keys.next()) else { return None };
    let is_marker = |line: &&str| line.starts_with("---");
    if lines[at..].iter().any(is_marker) {
        return None;
    }
    let value = value.trim();
    let (is_empty, value) = value.strip_prefix("[]").map_or((false, value), |rest| (true, rest));
    if !(value.is_empty() || value.trim_start().starts_with('#') && (is_empty || value.starts_with('#'))) {
        return None;
    }
    let after = &lines[at + 1..];
    let (indent, length) = if is_empty { (0, 0) } else { list(after)? };
    let ending = if lines[at].ends_with("\r\n") { "\r\n" } else { "\n" };
    let mut new = text[..text.len() - bare.len()].to_owned();
    new.extend(lines[..at].iter().copied());
    let key = if is_empty { lines[at].replacen(" []", "", 1).replacen("[]", "", 1) } else { lines[at].to_owned() };
    for line in std::iter::once(key.as_str()).chain(after[..length].iter().copied()) {
        new.push_str(line);
    }
    if !new.ends_with('\n') {
        new.push_str(ending);
    }
    for line in entry.lines() {
        new.push_str(&" ".repeat(indent));
        new.push_str(line);
        new.push_str(ending);
    }
    new.extend(after[length..].iter().copied());
    Some(new)
}

/// Indent of the list that `lines` begin with, and how many of them it takes; blank lines and comments behind its last
/// item are not its own.
fn list(lines: &[&str]) -> Option<(usize, usize)> {
    let indent_of = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let is_item = |line: &str| line.trim_start().starts_with("- ") || line.trim() == "-";
    let is_blank = |line: &str| line.trim().is_empty();
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    let first = lines.iter().find(|line| !is_blank(line) && !is_comment(line))?;
    if !is_item(first) {
        return None;
    }
    let indent = indent_of(first);
    let mut length = 0;
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| !is_blank(line)) {
        let own = indent_of(line);
        // Deeper than the items, what looks like a comment may be a line of a text.
        if own > indent || (own == indent && is_item(line)) {
            length = at + 1;
        } else if !is_comment(line) {
            // Anything but a key in the first column would belong to the list in a way that was not understood.
            let is_key = own == 0 && line.starts_with(|first: char| first.is_ascii_alphabetic());
            return is_key.then_some((indent, length));
        }
    }
    Some((indent, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "- repo: local\n  hooks: []\n";

    fn with(text: &str) -> Change {
        with_hook(text, ENTRY, "1.2.0")
    }

    #[test]
    fn the_entry_joins_the_list_and_leaves_everything_else() {
        let ours = "- repo: local\n  hooks: []\n";
        for (text, new) in [
            (String::new(), format!("repos:\n{ours}")),
            (
                "# mine\nrepos:\n  - repo: x # why\n    rev: v1".to_owned(),
                "# mine\nrepos:\n  - repo: x # why\n    rev: v1\n  - repo: local\n    hooks: []\n".to_owned(),
            ),
            (
                "repos:\r\n- repo: x\r\n".to_owned(),
                "repos:\r\n- repo: x\r\n- repo: local\r\n  hooks: []\r\n".to_owned(),
            ),
            ("repos: []  # none yet\nci:\n".to_owned(), format!("repos:  # none yet\n{ours}ci:\n")),
            ("repos: []".to_owned(), format!("repos:\n{ours}")),
            (
                "repos: # all\n- repo: x\n\n# about ci\nci:\n  skip: [x]\n".to_owned(),
                format!("repos: # all\n- repo: x\n{ours}\n# about ci\nci:\n  skip: [x]\n"),
            ),
            (
                "repos:\n- repo: x\n  hooks:\n  - id: y\n    entry: |\n      a\n      # b\n".to_owned(),
                format!("repos:\n- repo: x\n  hooks:\n  - id: y\n    entry: |\n      a\n      # b\n{ours}"),
            ),
            ("\u{feff}repos:\n- repo: x\n".to_owned(), format!("\u{feff}repos:\n- repo: x\n{ours}")),
            (
                "# aspm-lsp: soon\nrepos:\n- repo: x\n".to_owned(),
                format!("# aspm-lsp: soon\nrepos:\n- repo: x\n{ours}"),
            ),
        ] {
            assert_eq!(with(&text), Change::Added(new), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_added_to_safely_is_left_alone() {
        for text in [
            "repos: [{repo: x}]\n",
            "repos: [\n]\n",
            "repos: &all\n- repo: x\n",
            "repos: #\n",
            "repos:\n",
            "repos:\nci:\n",
            "minimum_pre_commit_version: 4.0\n",
            "  repos:\n  - repo: x\n",
            "repos:\n- repo: x\nrepos:\n- repo: y\n",
            "repos:\n- repo: x\n---\nrepos: []\n",
            "repos:\n  - repo: x\n &a b\n",
            "{repos: []}\n",
        ] {
            assert_eq!(with(text), Change::Unclear, "{text:?}");
        }
    }

    #[test]
    fn an_entry_that_is_there_gets_our_version_and_nothing_else() {
        let text = |version: &str| {
            format!("repos:\n- repo: local # aspm-lsp==0\n  # aspm-lsp==0\n  deps: [\"aspm-lsp=={version}\", x]\r\n")
        };
        let one = text("1.2.0").replace(" # aspm-lsp==0\n  #", "\n  #");
        assert_eq!(with(&one), Change::None);
        let old = one.replace("1.2.0", "1.1.0-rc.3");
        assert_eq!(with(&old), Change::Pinned { text: one, from: "1.1.0-rc.3".to_owned() });
        assert_eq!(with("repos:\n- repo: https://example.org/aspm-lsp\n  rev: v1\n"), Change::None);
    }
}
