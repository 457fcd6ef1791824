//! `aspm.toml` on disk, and what trust changes.

use std::path::Path;

use aspm_config::{Config, Loaded, MAX_FILE_BYTES};

fn root() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn put(root: &Path, text: impl AsRef<[u8]>) {
    std::fs::write(root.join("aspm.toml"), text).unwrap();
}

fn paths(loaded: &Loaded) -> Vec<&str> {
    loaded.config.sources.iter().map(|source| source.path.as_str()).collect()
}

#[test]
fn no_file_is_the_default_without_a_word() {
    let root = root();
    let loaded = Config::load(root.path(), true);
    assert_eq!((paths(&loaded), loaded.problems.len(), loaded.from.as_ref()), (vec![".aspm"], 0, None));
    let missing = Config::load(&root.path().join("missing"), true);
    assert_eq!((paths(&missing), missing.problems.len()), (vec![".aspm"], 0));
}

#[test]
fn a_good_file_is_taken() {
    let root = root();
    put(root.path(), "[[source]]\nkind = 'sarif'\npath = 'out'\n");
    let loaded = Config::load(root.path(), true);
    assert_eq!((paths(&loaded), loaded.problems.len()), (vec!["out"], 0));
    assert_eq!(loaded.from, Some(root.path().join("aspm.toml")));
}

#[test]
fn a_broken_file_is_told_line_by_line_and_none_of_its_sources_counts() {
    let root = root();
    put(root.path(), "[[source]]\nkind = 'sarif'\npath = 'out'\n[[source]]\nkind = 'x'\nname = 1\npath = 'a'\n");
    let loaded = Config::load(root.path(), true);
    assert_eq!(paths(&loaded), [".aspm"]);
    assert!(loaded.from.is_some());
    assert_eq!(
        loaded.problems,
        [
            "aspm.toml:5:8: `source.kind` cannot be \"x\". Possible: sarif, defectdojo",
            "aspm.toml:6:8: `source.name` must be a string, not an integer",
        ]
    );
}

#[test]
fn a_file_that_is_too_large_or_no_text_or_no_file_is_not_read() {
    let root = root();
    let problem = || {
        let loaded = Config::load(root.path(), true);
        assert_eq!(paths(&loaded), [".aspm"]);
        loaded.problems.concat()
    };
    let limit = usize::try_from(MAX_FILE_BYTES).unwrap();
    put(root.path(), "#".repeat(limit));
    assert_eq!(problem(), "", "just small enough");
    put(root.path(), "#".repeat(limit + 1));
    assert_eq!(problem(), "aspm.toml: has more than 1048576 bytes and was not read");
    put(root.path(), b"# caf\xe9");
    assert_eq!(problem(), "aspm.toml: is not UTF-8 text and was not read");
    std::fs::remove_file(root.path().join("aspm.toml")).unwrap();
    std::fs::create_dir(root.path().join("aspm.toml")).unwrap();
    assert_eq!(problem(), "aspm.toml: is not a regular file and was not read");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_root_is_refused_and_one_inside_is_followed() {
    use std::os::unix::fs::symlink;

    let (root, outside) = (root(), root());
    put(outside.path(), "[[source]]\nkind = 'sarif'\npath = 'stolen'\n");
    let file = root.path().join("aspm.toml");
    symlink(outside.path().join("aspm.toml"), &file).unwrap();
    let loaded = Config::load(root.path(), true);
    assert_eq!(paths(&loaded), [".aspm"]);
    assert_eq!(loaded.problems, ["aspm.toml: is a link out of the repository and was not read"]);

    std::fs::remove_file(&file).unwrap();
    symlink("nowhere", &file).unwrap();
    assert!(Config::load(root.path(), true).problems[0].starts_with("aspm.toml: cannot be read: "));

    std::fs::remove_file(&file).unwrap();
    std::fs::write(root.path().join("real.toml"), "[[source]]\nkind = 'sarif'\npath = 'inner'\n").unwrap();
    symlink("real.toml", &file).unwrap();
    assert_eq!(paths(&Config::load(root.path(), true)), ["inner"]);

    std::fs::remove_file(&file).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&file).status().unwrap().success());
    assert_eq!(Config::load(root.path(), true).problems, ["aspm.toml: is not a regular file and was not read"]);
}

#[test]
fn an_untrusted_workspace_has_no_sources_below_dot_aspm() {
    let root = root();
    let loaded = Config::load(root.path(), false);
    assert!(loaded.config.sources.is_empty());
    assert!(!loaded.config.reads(".aspm/a.sarif"));
    assert_eq!(loaded.problems, ["Findings below .aspm/ are not read: this workspace is not trusted."]);

    put(
        root.path(),
        "[[source]]\nname = 'own'\nkind = 'sarif'\npath = './.ASPM/x.sarif'\n\
         [[source]]\nname = 'all'\nkind = 'sarif'\npath = '**/*.sarif'\n\
         [[source]]\nname = 'ci'\nkind = 'sarif'\npath = 'out'\n",
    );
    let loaded = Config::load(root.path(), false);
    assert_eq!(paths(&loaded), ["out"]);
    assert!(loaded.config.reads("out/a.sarif") && !loaded.config.reads("a.sarif"));
    assert_eq!(
        loaded.problems,
        [
            "Source \"own\" (.ASPM/x.sarif) is not read: it can lie below .aspm/, and this workspace is not trusted.",
            "Source \"all\" (**/*.sarif) is not read: it can lie below .aspm/, and this workspace is not trusted.",
        ]
    );
    assert_eq!(paths(&Config::load(root.path(), true)).len(), 3, "trust reads them all");
}

#[test]
fn an_untrusted_workspace_causes_no_request() {
    let root = root();
    put(
        root.path(),
        "[[source]]\nkind = 'defectdojo'\nurl = 'https://x'\n[[source]]\nkind = 'sarif'\npath = 'out'\n\
         [policy]\nbundle = 'https://y/b.tar.gz'\n",
    );
    let loaded = Config::load(root.path(), false);
    assert_eq!((paths(&loaded), &loaded.config.policy_bundle), (vec!["out"], &None));
    assert_eq!(
        loaded.problems,
        [
            "Source \"defectdojo\" (https://x/) is not asked: this workspace is not trusted.",
            "Policy bundle https://y/b.tar.gz is not used: this workspace is not trusted.",
        ]
    );
    let trusted = Config::load(root.path(), true);
    assert_eq!((trusted.config.sources.len(), trusted.config.policy_bundle.is_some()), (2, true));
    for (bundle, kept) in [("policy", true), (".aspm/policy", false), ("**", false)] {
        put(root.path(), format!("[policy]\nbundle = '{bundle}'\n"));
        assert_eq!(Config::load(root.path(), false).config.policy_bundle.is_some(), kept, "{bundle}");
    }
}
