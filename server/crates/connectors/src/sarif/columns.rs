//! What the columns of a run count: what the log says, else what its tool is known to do, else what the standard says.

use finding::Columns;

/// Tools whose logs leave `columnKind` out although their columns are not the standard's UTF-16 code units, by the
/// first word of the driver's name in lower case.
///
/// A tool belongs here only when a log of its own proves it: scan `x = "é…😀"; eval(y)`, where `eval` starts at column
/// 12 in code points, 13 in UTF-16 code units and 18 in bytes.
const KNOWN: [(&str, Columns); 3] = [
    // Its columns are those of Python's `ast`, which counts UTF-8 bytes.
    ("bandit", Columns::Bytes),
    ("opengrep", Columns::Bytes),
    // Every edition: "Semgrep", "Semgrep OSS", "Semgrep PRO".
    ("semgrep", Columns::Bytes),
];

/// The unit for a run with the `columnKind` of `kind` and a driver named `tool`. A kind that the standard does not know
/// counts as none.
pub(super) fn of(kind: Option<&str>, tool: Option<&str>) -> Columns {
    match kind {
        Some("unicodeCodePoints") => Columns::Characters,
        Some("utf16CodeUnits") => Columns::Utf16,
        _ => tool.and_then(known).unwrap_or(Columns::Utf16),
    }
}

fn known(tool: &str) -> Option<Columns> {
    let name = tool.split_whitespace().next()?;
    KNOWN.iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, columns)| *columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_comes_before_the_tool_and_the_tool_before_the_standard() {
        for (kind, tool, columns) in [
            (None, None, Columns::Utf16),
            (None, Some(""), Columns::Utf16),
            (None, Some("CodeQL"), Columns::Utf16),
            (None, Some("Semgrepper"), Columns::Utf16),
            (None, Some("Semgrep"), Columns::Bytes),
            (None, Some("Semgrep OSS"), Columns::Bytes),
            (None, Some("semgrep PRO"), Columns::Bytes),
            (None, Some("Opengrep OSS"), Columns::Bytes),
            (None, Some("Bandit"), Columns::Bytes),
            (Some("bytes"), Some("Bandit"), Columns::Bytes),
            (Some("bytes"), Some("CodeQL"), Columns::Utf16),
            (Some("utf16CodeUnits"), Some("Semgrep OSS"), Columns::Utf16),
            (Some("unicodeCodePoints"), Some("Semgrep OSS"), Columns::Characters),
            (Some("unicodeCodePoints"), Some("CodeQL"), Columns::Characters),
        ] {
            assert_eq!(of(kind, tool), columns, "{kind:?} {tool:?}");
        }
    }
}
