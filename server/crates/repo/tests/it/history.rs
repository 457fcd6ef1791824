//! Repositories made by this crate, judged by git.

use aspm_repo::history::{Author, Commit, create_repository};
use aspm_repo::{Content, Error};

use crate::sandbox::{Sandbox, git, open};

const AUTHOR: Author<'static> = Author { name: "Ada Example", email: "ada@example.com" };

const COMMITS: &[Commit<'static>] = &[
    Commit {
        files: &[("app.py", b"x = 1\n"), ("src/deep/b.py", b"b\r\n"), ("data.bin", b"\0\x01")],
        removed: &[],
        message: "First",
        time_unix: 1_700_000_000,
    },
    Commit {
        files: &[("app.py", b"x = 2\n")],
        removed: &["data.bin"],
        message: "Second\n\nWith a body.",
        time_unix: 1_700_000_100,
    },
    Commit {
        files: &[("src/new.py", "é\n".as_bytes())],
        removed: &["src/deep/b.py"],
        message: "Third",
        time_unix: 1_700_000_200,
    },
];

#[test]
fn git_accepts_what_was_made_and_sees_nothing_to_commit() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("demo/inner");
    let ids = create_repository(&dir, COMMITS, AUTHOR).unwrap();
    git(&dir, &["fsck", "--strict", "--full"]);
    assert_eq!(git(&dir, &["status", "--porcelain=v1", "--branch"]), "## main");
    assert_eq!(git(&dir, &["log", "--reverse", "--format=%H"]).lines().collect::<Vec<_>>(), ids);
    assert_eq!(
        git(&dir, &["log", "-1", "--skip=1", "--format=%an <%ae> %cn %at %ct %ad %B"]),
        "Ada Example <ada@example.com> Ada Example 1700000100 1700000100 Tue Nov 14 22:15:00 2023 +0000 Second\n\nWith a body."
    );
    assert_eq!(git(&dir, &["ls-files"]), "app.py\nsrc/new.py");
    assert!(!dir.join(".git/hooks").exists());
    assert!(!dir.join("data.bin").exists());
    assert_eq!(std::fs::read_to_string(dir.join("src/new.py")).unwrap(), "é\n");

    let repo = open(&dir);
    assert_eq!(repo.head().unwrap().commit.as_ref(), ids.last());
    assert_eq!(repo.text_at(&ids[0], "src/deep/b.py").unwrap(), Content::Text("b\r\n".into()));
    assert_eq!(repo.text_at(&ids[2], "src/deep/b.py").unwrap(), Content::NoPath);
    assert_eq!(repo.distance(&ids[0], &ids[2], 9), Some(2));
}

#[test]
fn the_commit_at_a_time_is_the_newest_that_is_not_younger() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("timed");
    let ids = create_repository(&dir, COMMITS, AUTHOR).unwrap();
    let (repo, head) = (open(&dir), ids.last().unwrap());
    for (at, commit) in COMMITS.iter().enumerate() {
        assert_eq!(repo.commit_at(head, commit.time_unix, 9).as_ref(), Some(&ids[at]), "at its own time");
    }
    assert_eq!(repo.commit_at(head, i64::MAX, 9).as_ref(), Some(head));
    assert_eq!(repo.commit_at(head, COMMITS[0].time_unix - 1, 9), None, "before the first");
    assert_eq!(repo.commit_at(head, COMMITS[0].time_unix, 1), None, "out of the limit");
}

#[test]
fn the_same_commits_get_the_same_ids_everywhere() {
    let sandbox = Sandbox::new();
    let ids = create_repository(&sandbox.path("one"), COMMITS, AUTHOR).unwrap();
    assert_eq!(create_repository(&sandbox.path("two"), COMMITS, AUTHOR).unwrap(), ids);
    let other = Author { name: "B", ..AUTHOR };
    assert_ne!(create_repository(&sandbox.path("three"), COMMITS, other).unwrap(), ids);
}

#[test]
fn a_repository_without_commits_is_an_unborn_one() {
    let sandbox = Sandbox::new();
    assert!(create_repository(&sandbox.path("w"), &[], AUTHOR).unwrap().is_empty());
    assert_eq!(git(&sandbox.path("w"), &["status", "--porcelain=v1", "--branch"]), "## No commits yet on main");
}

#[test]
fn what_cannot_be_a_repository_is_refused_with_the_reason() {
    let one = |files: &'static [(&'static str, &'static [u8])], removed: &'static [&'static str]| {
        vec![Commit { files, removed, message: "m", time_unix: 0 }]
    };
    let cases = [
        (one(&[("../a", b"x")], &[]), "commit 1: ../a is not a plain relative path"),
        (one(&[("/a", b"x")], &[]), "commit 1: /a is not a plain relative path"),
        (one(&[("a//b", b"x")], &[]), "commit 1: a//b is not a plain relative path"),
        (one(&[("a/.GIT/config", b"x")], &[]), "commit 1: a/.GIT/config is not a plain relative path"),
        (one(&[("a\\b", b"x")], &[]), "commit 1: a\\b is not a plain relative path"),
        (one(&[("", b"x")], &[]), "commit 1:  is not a plain relative path"),
        (one(&[("a", b"x"), ("a/b", b"x"), ("a.b", b"")], &[]), "commit 1: a is both a file and a folder"),
        (one(&[], &["a"]), "commit 1 removes a, which is not there"),
    ];
    for (commits, expected) in cases {
        let sandbox = Sandbox::new();
        match create_repository(&sandbox.path("w"), &commits, AUTHOR) {
            Err(Error::Create { detail, .. }) => assert_eq!(detail, expected),
            other => panic!("{expected}: {other:?}"),
        }
        assert!(!sandbox.path("w").exists(), "{expected}: something was written");
    }
    let sandbox = Sandbox::new();
    std::fs::write(sandbox.path("file"), "").unwrap();
    let error = create_repository(&sandbox.path(""), COMMITS, AUTHOR).unwrap_err().to_string();
    assert!(error.ends_with("the folder is not empty"), "{error}");
    let nobody = Author { name: "a\nb", email: "" };
    assert!(create_repository(&sandbox.path("w"), COMMITS, nobody).is_err());
}
