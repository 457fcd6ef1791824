//! Content, listings and distances, from loose and packed objects.

use std::sync::Arc;

use aspm_repo::{Content, Error, MAX_TEXT};

use crate::sandbox::{Sandbox, commit, git, open, write};

fn text(content: &str) -> Content {
    Content::Text(content.into())
}

#[test]
fn content_at_a_commit_is_the_same_loose_packed_and_packed_under_an_open_handle() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let mut commits = Vec::new();
    for version in 0..20 {
        write(&work, "src/deep/a.py", format!("{}x = {version}\n", "line\n".repeat(200)));
        commits.push(commit(&work, "c"));
    }
    let repo = open(&work);
    let check = |when: &str| {
        for (version, id) in commits.iter().enumerate() {
            let expected = text(&format!("{}x = {version}\n", "line\n".repeat(200)));
            assert_eq!(repo.text_at(id, "src/deep/a.py").unwrap(), expected, "{when}, version {version}");
        }
    };
    check("loose");
    git(&work, &["gc", "-q", "--prune=now"]);
    assert!(!work.join(".git/objects").join(&commits[0][..2]).exists(), "gc left loose objects");
    check("packed, by the handle opened before");
    let again = open(&work);
    assert_eq!(
        again.text_at(&commits[7], "src/deep/a.py").unwrap(),
        repo.text_at(&commits[7], "src/deep/a.py").unwrap()
    );
}

#[test]
fn every_kind_of_path_has_its_own_answer() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    let (_other, library) = Sandbox::init("library", &[]);
    write(&library, "inner.py", "x\n");
    commit(&library, "c");
    write(&work, "a.py", "x = 1\r\ny = 2\n");
    write(&work, "bom.py", "\u{feff}x\n");
    write(&work, "empty.py", "");
    write(&work, "logo.png", b"\x89PNG\0\0");
    write(&work, "latin1.py", b"# caf\xe9\n");
    write(&work, "dir/b.py", "b\n");
    write(&work, "huge.txt", "x".repeat(usize::try_from(MAX_TEXT).unwrap() + 1));
    git(&work, &["submodule", "--quiet", "add", library.to_str().unwrap(), "vendor"]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.py", work.join("link.py")).unwrap();
    let id = commit(&work, "c");
    let repo = open(&work);
    let cases = [
        ("a.py", text("x = 1\r\ny = 2\n")),
        ("bom.py", text("\u{feff}x\n")),
        ("empty.py", text("")),
        ("logo.png", Content::Bytes(b"\x89PNG\0\0".as_slice().into())),
        ("latin1.py", Content::Bytes(b"# caf\xe9\n".as_slice().into())),
        ("dir/b.py", text("b\n")),
        ("huge.txt", Content::TooLarge { size: MAX_TEXT + 1 }),
        ("dir", Content::NoPath),
        ("dir/", Content::NoPath),
        ("dir/missing.py", Content::NoPath),
        ("a.py/b", Content::NoPath),
        ("vendor", Content::NoPath),
        ("vendor/inner.py", Content::NoPath),
        ("", Content::NoPath),
        ("/a.py", Content::NoPath),
        ("../w/a.py", Content::NoPath),
        ("./a.py", Content::NoPath),
    ];
    for (path, expected) in cases {
        assert_eq!(repo.text_at(&id, path).unwrap(), expected, "{path}");
    }
    #[cfg(unix)]
    assert_eq!(repo.text_at(&id, "link.py").unwrap(), Content::Link);
    drop(sandbox);
}

#[test]
fn only_ids_of_commits_name_a_commit() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "c");
    git(&work, &["tag", "-a", "v1", "-m", "v1"]);
    let repo = open(&work);
    let tree = git(&work, &["rev-parse", "HEAD^{tree}"]);
    let tag = git(&work, &["rev-parse", "v1"]);
    let cases = [
        (id.clone(), true),
        (id.to_uppercase(), true),
        (id[..7].to_owned(), true),
        (id[..6].to_owned(), false),
        (format!("{id}0"), false),
        (tree, false),
        (tag, false),
        ("main".to_owned(), false),
        ("HEAD".to_owned(), false),
        ("v1".to_owned(), false),
        ("0".repeat(40), false),
        (String::new(), false),
        ("zzzzzzzzzz".to_owned(), false),
        ("é".repeat(20), false),
    ];
    for (asked, expected) in cases {
        assert_eq!(repo.has_commit(&asked), expected, "{asked}");
        let resolved = expected.then(|| id.clone());
        assert_eq!(repo.resolve_commit(&asked), resolved, "{asked}");
        assert_eq!(repo.text_at(&asked, "a.py").unwrap() == Content::NoCommit, !expected, "{asked}");
    }
}

#[test]
fn blob_ids_are_gits() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "dir/a.py", "x = 1\n");
    let id = commit(&work, "c");
    let repo = open(&work);
    let expected = git(&work, &["rev-parse", "HEAD:dir/a.py"]);
    assert_eq!(repo.blob_id_of(b"x = 1\n"), expected);
    assert_eq!(repo.blob_at(&id, "dir/a.py"), Some(expected));
    assert_eq!(repo.blob_at(&id, "dir"), None);
    assert_eq!(repo.blob_at(&id, "missing"), None);
}

#[test]
fn a_listing_agrees_with_ls_tree_and_says_when_it_is_cut() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["a.py", "a/b.py", "a.b/c.py", "a/z/deep/d.py", "zz.py", ".hidden", "with space/é.py"] {
        write(&work, path, path);
    }
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.py", work.join("link.py")).unwrap();
    let id = commit(&work, "c");
    let repo = open(&work);
    let listed = git(&work, &["ls-tree", "-r", "-z", "HEAD"]);
    let expected: Vec<(String, String)> = listed
        .split_terminator('\0')
        .filter_map(|line| line.strip_prefix("100644 blob "))
        .filter_map(|line| line.split_once('\t'))
        .map(|(blob, path)| (path.to_owned(), blob.to_owned()))
        .collect();
    let listing = repo.paths_at(&id, 100).unwrap();
    let files: Vec<_> = listing.files.iter().map(|file| (file.path.to_string(), file.blob.clone())).collect();
    assert_eq!(files, expected);
    assert_eq!(files.len(), 7);
    assert!(!listing.truncated && !listing.incomplete);
    assert!(!repo.paths_at(&id, 7).unwrap().truncated, "a limit that is just enough cuts nothing");
    let cut = repo.paths_at(&id, 3).unwrap();
    assert!(cut.truncated);
    assert_eq!(cut.files[..], listing.files[..3]);
    assert!(matches!(repo.paths_at(&"1".repeat(40), 3), Err(Error::NoCommit { .. })));
}

#[test]
fn a_tree_built_to_explode_is_listed_within_bounds() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "leaf", "x");
    git(&work, &["add", "leaf"]);
    let mut tree = git(&work, &["write-tree"]);
    for _ in 0..12 {
        // Ten names for one and the same subtree: 10^12 files.
        let entries: Vec<_> = (0..10).map(|n| format!("040000 tree {tree}\td{n}\n")).collect();
        std::fs::write(work.join("entries"), entries.concat()).unwrap();
        tree = mktree(&work);
    }
    let id = git(&work, &["commit-tree", &tree, "-m", "bomb"]);
    let listing = open(&work).paths_at(&id, 50).unwrap();
    assert!(listing.truncated);
    assert_eq!(listing.files.len(), 50);
}

fn mktree(work: &std::path::Path) -> String {
    let entries = std::fs::File::open(work.join("entries")).unwrap();
    let output =
        std::process::Command::new("git").current_dir(work).arg("mktree").stdin(entries).output().expect("git");
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[test]
fn distance_counts_first_parents_and_stops_at_its_limit() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let ids: Vec<_> = (0..5).map(|n| commit(&work, &format!("c{n}"))).collect();
    git(&work, &["checkout", "-q", "-b", "side", &ids[1]]);
    let side = commit(&work, "side");
    git(&work, &["checkout", "-q", "main"]);
    git(&work, &["merge", "-q", "--no-ff", "-m", "merge", "side"]);
    let merge = git(&work, &["rev-parse", "HEAD"]);
    let repo = open(&work);
    assert_eq!(repo.distance(&ids[4], &ids[4], 0), Some(0));
    assert_eq!(repo.distance(&ids[0], &ids[4], 10), Some(4));
    assert_eq!(repo.distance(&ids[0], &ids[4], 4), Some(4));
    assert_eq!(repo.distance(&ids[0], &ids[4], 3), None, "out of the limit");
    assert_eq!(repo.distance(&ids[4], &ids[0], 10), None, "the other way round");
    assert_eq!(repo.distance(&ids[0], &merge, 10), Some(5));
    assert_eq!(repo.distance(&side, &merge, 10), None, "not a first parent");
    assert_eq!(repo.distance(&"1".repeat(40), &merge, 10), None);
}

#[test]
fn one_repository_serves_many_threads() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let ids: Vec<_> = (0..10)
        .map(|n| {
            write(&work, "a.py", format!("x = {n}\n"));
            commit(&work, "c")
        })
        .collect();
    git(&work, &["gc", "-q"]);
    let (repo, ids) = (open(&work), Arc::new(ids));
    let threads: Vec<_> = (0..8)
        .map(|_| {
            let (repo, ids) = (repo.clone(), Arc::clone(&ids));
            std::thread::spawn(move || {
                for (n, id) in ids.iter().enumerate().cycle().take(200) {
                    assert_eq!(repo.text_at(id, "a.py").unwrap(), text(&format!("x = {n}\n")));
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
