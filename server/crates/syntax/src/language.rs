//! Which language a file is in, and how its comments look. The facts are rows of `table`.

use crate::table::{self, Row};

/// A language with a grammar in the build.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the variants are the languages' names")]
pub enum Language {
    Python,
    JavaScript,
    TypeScript,
    Tsx,
    Java,
    Go,
    Rust,
    C,
    Cpp,
    CSharp,
    Ruby,
    Php,
    Bash,
    Hcl,
    Yaml,
    Json,
    Toml,
    Dockerfile,
    Html,
}

impl Language {
    /// Every language, in the table's order.
    pub const ALL: [Self; 19] = [
        Self::Python,
        Self::JavaScript,
        Self::TypeScript,
        Self::Tsx,
        Self::Java,
        Self::Go,
        Self::Rust,
        Self::C,
        Self::Cpp,
        Self::CSharp,
        Self::Ruby,
        Self::Php,
        Self::Bash,
        Self::Hcl,
        Self::Yaml,
        Self::Json,
        Self::Toml,
        Self::Dockerfile,
        Self::Html,
    ];

    /// The language of a path (`/` or `\` separated), by file name first, then by extension; `None` when no grammar
    /// fits. Names and extensions match without regard to case, except `.C` and `.H`, which are C++.
    #[must_use]
    pub fn of_path(path: &str) -> Option<Self> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
        if matches!(name.rsplit_once('.'), Some((_, "C" | "H"))) {
            return Some(Self::Cpp);
        }
        let name = name.to_lowercase();
        let by_name = |row: &&Row| row.file_names.split_ascii_whitespace().any(|pattern| matches(pattern, &name));
        if let Some(row) = table::ROWS.iter().find(by_name) {
            return Some(row.language);
        }
        let (_, extension) = name.rsplit_once('.')?;
        let by_extension = |row: &&Row| row.extensions.split_ascii_whitespace().any(|known| known == extension);
        table::ROWS.iter().find(by_extension).map(|row| row.language)
    }

    /// The language of an LSP `languageId`; `None` for one without a grammar, then try [`Self::of_path`].
    #[must_use]
    pub fn of_id(lsp_language_id: &str) -> Option<Self> {
        let by_id = |row: &&Row| row.ids.split_ascii_whitespace().any(|id| id.eq_ignore_ascii_case(lsp_language_id));
        table::ROWS.iter().find(by_id).map(|row| row.language)
    }

    /// The name people use, as in "TypeScript".
    #[must_use]
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// What starts a comment that ends with its line.
    #[must_use]
    pub fn line_comment(self) -> Option<&'static str> {
        self.row().line_comments.split_ascii_whitespace().next()
    }

    /// What opens and closes a comment that may span lines.
    #[must_use]
    pub fn block_comment(self) -> Option<(&'static str, &'static str)> {
        self.row().block_comment
    }

    pub(crate) fn row(self) -> &'static Row {
        &table::ROWS[self as usize]
    }
}

/// A file name against a pattern in lower case with at most one `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, tail)) => name.len() >= head.len() + tail.len() && name.starts_with(head) && name.ends_with(tail),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_rows_stand_in_the_order_of_the_languages() {
        assert_eq!(table::ROWS.len(), Language::ALL.len());
        for (row, language) in table::ROWS.iter().zip(Language::ALL) {
            assert_eq!(row.language, language);
            assert_eq!(language.row().language, language);
        }
    }

    #[test]
    fn a_path_names_its_language() {
        for (path, expected) in [
            ("src/app.py", Some(Language::Python)),
            ("types.PYI", Some(Language::Python)),
            ("C:\\code\\a.tsx", Some(Language::Tsx)),
            ("a/b.cjs", Some(Language::JavaScript)),
            ("lib.mts", Some(Language::TypeScript)),
            ("old.C", Some(Language::Cpp)),
            ("old.c", Some(Language::C)),
            ("either.h", Some(Language::Cpp)),
            ("Dockerfile", Some(Language::Dockerfile)),
            ("deploy/Dockerfile.prod", Some(Language::Dockerfile)),
            ("web.dockerfile", Some(Language::Dockerfile)),
            ("Containerfile", Some(Language::Dockerfile)),
            ("home/.bashrc", Some(Language::Bash)),
            ("main.tf", Some(Language::Hcl)),
            ("Gemfile", Some(Language::Ruby)),
            ("Cargo.lock", Some(Language::Toml)),
            ("composer.lock", Some(Language::Json)),
            (".github/workflows/ci.yml", Some(Language::Yaml)),
            ("Jenkinsfile", None),
            ("README", None),
            ("py", None),
            (".py/notes", None),
            ("", None),
        ] {
            assert_eq!(Language::of_path(path), expected, "{path}");
        }
    }

    #[test]
    fn an_editors_language_id_names_its_language() {
        for (id, expected) in [
            ("python", Some(Language::Python)),
            ("typescriptreact", Some(Language::Tsx)),
            ("javascriptreact", Some(Language::JavaScript)),
            ("shellscript", Some(Language::Bash)),
            ("csharp", Some(Language::CSharp)),
            ("terraform", Some(Language::Hcl)),
            ("jsonc", Some(Language::Json)),
            ("plaintext", None),
        ] {
            assert_eq!(Language::of_id(id), expected, "{id}");
        }
    }

    #[test]
    fn no_extension_file_name_or_id_is_claimed_twice() {
        for column in [|row: &Row| row.extensions, |row: &Row| row.file_names, |row: &Row| row.ids] {
            let mut seen: Vec<&str> = table::ROWS.iter().flat_map(|row| column(row).split_ascii_whitespace()).collect();
            let all = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), all);
        }
    }

    #[test]
    fn every_language_but_json_and_html_has_a_line_comment() {
        for language in Language::ALL {
            let none = matches!(language, Language::Html);
            assert_eq!(language.line_comment().is_none(), none, "{}", language.name());
        }
    }
}
