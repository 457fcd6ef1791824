//! CODEOWNERS as GitHub and GitLab read it, pattern by pattern.

use super::*;

fn owned(text: &str, flavour: OwnersFlavour, path: &str) -> String {
    Codeowners::parse(text, flavour).owners(path).join(" ")
}

#[test]
fn patterns_match_what_each_host_documents() {
    use OwnersFlavour::{GitHub, GitLab};
    // Pattern, path, on GitHub, on GitLab.
    for (pattern, path, on_github, on_gitlab) in [
        ("*", "a.js", true, true),
        ("*", "deep/in/a.js", true, true),
        ("*.js", "a.js", true, true),
        ("*.js", "deep/in/a.js", true, true),
        ("*.js", "a.jsx", false, false),
        ("*.js", ".js", true, true),
        ("/a.js", "a.js", true, true),
        ("/a.js", "deep/a.js", false, false),
        ("a.js", "deep/a.js", true, true),
        ("/docs/", "docs/a/b.md", true, true),
        ("/docs/", "docs", false, false),
        ("/docs/", "x/docs/a.md", false, false),
        ("docs/", "x/docs/a/b.md", true, true),
        ("docs/*", "docs/a.md", true, true),
        ("docs/*", "docs/deep/a.md", false, false),
        ("docs/*", "x/docs/a.md", false, true),
        ("/docs/*", "docs/a.md", true, true),
        ("/docs/*", "docs/deep/a.md", false, false),
        ("/docs/*.md", "docs/a.md", true, true),
        ("/docs/**", "docs/deep/a.md", true, true),
        ("/docs/**", "docs", false, false),
        ("/docs/**/*.md", "docs/a.md", true, true),
        ("/docs/**/*.md", "docs/x/y/a.md", true, true),
        ("/docs/**/*.md", "docs/x/y/a.txt", false, false),
        ("**/logs", "logs/a", true, false),
        ("**/logs", "x/logs/a/b", true, false),
        ("**/logs/", "x/logs/a/b", true, true),
        ("apps/github", "apps/github/a", true, false),
        ("apps/github", "apps/github", true, true),
        ("apps/github", "x/apps/github", false, true),
        ("/apps", "apps/deep/a", true, false),
        ("internal/README.md", "docs/internal/README.md", false, true),
        ("a?c", "abc", true, true),
        ("a?c", "ac", false, false),
        ("a*c*e", "abcde", true, true),
        ("a*c*e", "abcd", false, false),
        (r"with\ space.md", "with space.md", true, true),
        (r"a\*b", "a*b", true, true),
        (r"a\*b", "axb", false, false),
        (r"\#odd", "#odd", false, true),
        (r"x\#odd", "x#odd", true, true),
        ("[a-c].js", "b.js", false, true),
        ("[!a-c].js", "b.js", false, false),
        ("[!a-c].js", "d.js", false, true),
        ("x[]a]y", "x]y", false, true),
        ("x[a", "x[a", false, true),
        ("Docs/", "docs/a", false, false),
        ("é?.md", "éü.md", true, true),
        ("/", "a/b", true, true),
        ("**", "a/b", true, true),
        ("a/**/b/**/c", "a/x/b/c", true, true),
        ("/a/**/c", "a/c", true, true),
    ] {
        let text = format!("{pattern} @owner\n");
        assert_eq!(owned(&text, GitHub, path) == "@owner", on_github, "GitHub: {pattern} on {path}");
        assert_eq!(owned(&text, GitLab, path) == "@owner", on_gitlab, "GitLab: {pattern} on {path}");
    }
}

#[test]
fn the_last_match_counts_and_an_entry_without_owners_unsets() {
    let text = "\u{feff}# comment\n*  @all\r\n/src/ @org/team dev@example.com @org/team # why\n/src/gen/\n*.md @docs";
    for flavour in [OwnersFlavour::GitHub, OwnersFlavour::GitLab] {
        let owners = |path: &str| owned(text, flavour, path);
        assert_eq!(owners("a.py"), "@all", "{flavour:?}");
        assert_eq!(owners("src/a.py"), "@org/team dev@example.com", "{flavour:?}");
        assert_eq!(owners("src/gen/a.py"), "", "{flavour:?}");
        assert_eq!(owners("src/gen/a.md"), "@docs", "{flavour:?}");
    }
}

#[test]
fn lines_that_cannot_be_read_are_passed_by_with_their_number() {
    let text = "* @all\n*.js nobody\n!a.py @x\n[Section] @y\n\\#a @z\n";
    let file = Codeowners::parse(text, OwnersFlavour::GitHub);
    assert_eq!(file.owners("a.js"), ["@all"]);
    let lines: Vec<&str> = file.problems.iter().filter_map(|problem| problem.split(':').next()).collect();
    assert_eq!(lines, ["CODEOWNERS, line 2", "CODEOWNERS, line 3", "CODEOWNERS, line 4", "CODEOWNERS, line 5"]);
    assert_eq!(owned("* @all\n*.js nobody @js", OwnersFlavour::GitLab, "a.js"), "@js", "GitLab passes the word by");
}

#[test]
fn sections_speak_for_themselves_with_default_owners_and_exclusions() {
    let text = "* @all\n\
        [Documentation] @docs\n*.md\nREADME.md @writer\n\
        ^[Data Base][2] @dba @lead\n/model/db/\n/model/db/CHANGES @changes\n!/model/db/generated/\n\
        [documentation]\n*.rst\n\
        [No defaults]\n*.cfg\n\
        [[odd]\n";
    let owners = |path: &str| owned(text, OwnersFlavour::GitLab, path);
    assert_eq!(owners("a.py"), "@all");
    assert_eq!(owners("a.md"), "@all @docs");
    assert_eq!(owners("x/README.md"), "@all @writer");
    assert_eq!(owners("a.rst"), "@all @docs", "a section named again goes on");
    assert_eq!(owners("model/db/a.sql"), "@all @dba @lead");
    assert_eq!(owners("model/db/CHANGES"), "@all @changes");
    assert_eq!(owners("model/db/generated/a.sql"), "@all");
    assert_eq!(owners("a.cfg"), "@all");
}

#[test]
fn the_flavour_is_told_by_place_host_and_headings() {
    let urls = |url: &str| vec![url.to_owned()];
    for (path, url, text, expected) in [
        (".gitlab/CODEOWNERS", "github.com/a/b", "", OwnersFlavour::GitLab),
        (".github/CODEOWNERS", "example.com/a/b", "[A] @x", OwnersFlavour::GitHub),
        ("CODEOWNERS", "gitlab.example.com/a/b", "* @x", OwnersFlavour::GitLab),
        ("CODEOWNERS", "github.com/a/b", "[A] @x", OwnersFlavour::GitHub),
        ("docs/CODEOWNERS", "example.com/a/b", "* @x\n^[A][1] @y\n", OwnersFlavour::GitLab),
        ("docs/CODEOWNERS", "example.com/a/b", "* @x\n[a-z].py @y\n", OwnersFlavour::GitHub),
    ] {
        assert_eq!(OwnersFlavour::guess(path, &urls(url), text), expected, "{path} {url}");
    }
}

#[test]
fn files_made_to_exhaust_are_read_within_bounds() {
    let large = "a".repeat(MAX_BYTES + 1);
    assert_eq!(Codeowners::parse(&large, OwnersFlavour::GitHub).problems.len(), 1);
    let many = "* @a\n".repeat(MAX_RULES + 100);
    assert_eq!(Codeowners::parse(&many, OwnersFlavour::GitHub).problems.len(), 20);
    let stars = format!("{}b @a\n", "a*".repeat(2000));
    let long = "a".repeat(4000);
    assert_eq!(owned(&stars, OwnersFlavour::GitHub, &long), "");
    let folders = format!("{}b @a\n", "**/a/".repeat(31));
    let deep = "a/".repeat(2000);
    assert_eq!(owned(&folders, OwnersFlavour::GitHub, &deep), "");
    let owners = (0..500).fold("*".to_owned(), |line, number| format!("{line} @{number}"));
    assert_eq!(Codeowners::parse(&owners, OwnersFlavour::GitHub).owners("a").len(), MAX_OWNERS);
}
