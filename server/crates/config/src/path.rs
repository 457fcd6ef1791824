//! Which paths a repository may name: only such as lie below its root, written in one way. Reasons read on after the
//! key's name.

use globset::GlobBuilder;

const MAX_PATH: usize = 1000;

/// A folder of the repository.
pub(crate) fn relative(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("must not be empty".to_owned());
    }
    relative_or_empty(path)
}

/// A folder of the repository, empty for the root.
pub(crate) fn relative_or_empty(path: &str) -> Result<(), String> {
    text(path)?;
    if path.contains("://") {
        return Err("must be a path below the repository's root, not a URL".to_owned());
    }
    if path.contains('\\') {
        return Err("must use / between folders, not \\".to_owned());
    }
    if path.starts_with(['/', '~']) || path.as_bytes().get(1) == Some(&b':') {
        return Err("must be relative to the repository's root, not absolute".to_owned());
    }
    // Braces and commas too: a glob's `{..,a}` is a `..` as well.
    let mut parts = path.split(['/', '{', '}', ',']);
    if parts.clone().any(|part| part == "..") {
        return Err("must not lead out of the repository: `..` is not allowed".to_owned());
    }
    if parts.any(|part| part.eq_ignore_ascii_case(".git")) {
        return Err("must not lie in .git".to_owned());
    }
    Ok(())
}

/// A file, folder or glob below the root.
pub(crate) fn pattern(path: &str) -> Result<(), String> {
    relative(path)?;
    if is_glob(path) {
        GlobBuilder::new(trimmed(path))
            .literal_separator(true)
            .build()
            .map_err(|error| format!("is not a valid glob: {}", error.kind()))?;
    }
    Ok(())
}

/// The beginning of a path as a scanner reports it. It is compared, never opened, so it may be absolute.
pub(crate) fn prefix(path: &str) -> Result<(), String> {
    if path.is_empty() {
        return Err("must not be empty".to_owned());
    }
    text(path)
}

fn text(path: &str) -> Result<(), String> {
    if path.len() > MAX_PATH {
        return Err(format!("must have at most {MAX_PATH} bytes"));
    }
    if path.chars().any(char::is_control) || path.trim() != path {
        return Err("must have no white space around it and no control characters in it".to_owned());
    }
    Ok(())
}

pub(crate) fn is_glob(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

/// Without `./` before and `/` behind; the root is `.`.
pub(crate) fn trimmed(path: &str) -> &str {
    let mut rest = path.trim_end_matches('/');
    while let Some(inner) = rest.strip_prefix("./") {
        rest = inner.trim_start_matches('/');
    }
    if rest.is_empty() { "." } else { rest }
}

/// Whether `pattern` can stand for files below the folder `.aspm` at the root. When in doubt, yes.
pub(crate) fn reaches_dot_aspm(pattern: &str) -> bool {
    let first = trimmed(pattern).split('/').find(|part| !matches!(*part, "" | "."));
    let Some(first) = first else { return true };
    if !is_glob(first) {
        // File systems that ignore case are common.
        return first.eq_ignore_ascii_case(".aspm");
    }
    let glob = GlobBuilder::new(first).case_insensitive(true).build();
    first == "**" || glob.map_or(true, |glob| glob.compile_matcher().is_match(".aspm"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trimming_keeps_what_a_path_means() {
        for (path, expected) in [
            ("a/b", "a/b"),
            ("./a/", "a"),
            (".//a", "a"),
            ("././.", "."),
            (".", "."),
            ("./", "."),
            (".aspm/x", ".aspm/x"),
        ] {
            assert_eq!(trimmed(path), expected, "{path}");
        }
    }

    #[test]
    fn a_pattern_that_may_reach_dot_aspm_is_recognised() {
        for (pattern, expected) in [
            (".aspm/x.sarif", true),
            ("./.aspm", true),
            (".//.ASPM/x", true),
            (".", true),
            ("./.", true),
            ("**/*.sarif", true),
            ("*/x.sarif", true),
            (".a*/x.sarif", true),
            ("{.aspm,reports}/x.sarif", true),
            ("{.aspm/a,b}/x.sarif", true),
            ("[.]aspm/x.sarif", true),
            ("reports/*.sarif", false),
            ("reports/.aspm/x.sarif", false),
            ("r*/x.sarif", false),
            (".aspm2/x.sarif", false),
        ] {
            assert_eq!(reaches_dot_aspm(pattern), expected, "{pattern}");
        }
    }
}
