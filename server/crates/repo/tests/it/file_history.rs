//! The way of one file through history: versions, renames, removals, merges, and where it cannot be seen.

use std::sync::Arc;

use aspm_repo::{Content, FileHistory, HistoryLimits, Repo};

use crate::sandbox::{Sandbox, commit, git, open, write};

/// The longest common start decides, from half on.
fn alike((_, old): (&str, &str), added: &[(Arc<str>, Arc<str>)]) -> Option<usize> {
    let common = |new: &str| old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    (0..added.len()).filter(|&at| common(&added[at].1) * 2 >= old.len()).max_by_key(|&at| common(&added[at].1))
}

fn history(repo: &Repo, from: &str, to: &str, path: &str) -> FileHistory {
    repo.file_history((from, to), path, HistoryLimits::default(), &alike, &|| false).unwrap()
}

fn steps(history: &FileHistory) -> Vec<(&str, &str)> {
    history.versions.iter().map(|version| (&*version.path, version.commit.as_str())).collect()
}

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\n";

#[test]
fn only_commits_that_change_the_file_are_steps_and_renames_are_followed() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "src/a.py", LINES);
    write(&work, "other.py", "x\n");
    let from = commit(&work, "scanned");
    write(&work, "other.py", "y\n");
    commit(&work, "elsewhere");
    write(&work, "src/a.py", format!("{LINES}seven\n"));
    let edited = commit(&work, "edited");
    git(&work, &["mv", "src/a.py", "src/b.py"]);
    let renamed = commit(&work, "renamed");
    std::fs::create_dir(work.join("lib")).unwrap();
    git(&work, &["mv", "src/b.py", "lib/c.py"]);
    write(&work, "lib/c.py", format!("{LINES}eight\n"));
    write(&work, "lib/decoy.py", "nothing alike\n");
    let moved = commit(&work, "renamed and edited");
    let repo = open(&work);
    let found = history(&repo, &from, &moved, "src/a.py");
    assert!(found.is_complete && found.removed_in.is_none());
    assert_eq!(steps(&found), [("src/a.py", &*edited), ("src/b.py", &*renamed), ("lib/c.py", &*moved)]);
    assert_eq!(repo.text_of(&found.versions[2].blob).unwrap(), Content::Text(format!("{LINES}eight\n").into()));
    assert_eq!(history(&repo, &moved, &moved, "lib/c.py"), FileHistory { is_complete: true, ..FileHistory::default() });
}

#[test]
fn a_removed_file_says_in_which_commit_and_one_that_came_back_goes_on() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", LINES);
    let from = commit(&work, "scanned");
    std::fs::remove_file(work.join("a.py")).unwrap();
    write(&work, "unlike.py", "something else\n");
    let removed = commit(&work, "removed");
    let repo = open(&work);
    let found = history(&repo, &from, &removed, "a.py");
    assert_eq!((found.removed_in.as_deref(), found.is_complete), (Some(&*removed), true));
    write(&work, "a.py", format!("{LINES}back\n"));
    let back = commit(&work, "back");
    let found = history(&repo, &from, &back, "a.py");
    assert_eq!((steps(&found), found.removed_in.clone()), (vec![("a.py", &*back)], None));
}

#[test]
fn a_scan_of_a_merged_branch_continues_with_the_merge() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", LINES);
    commit(&work, "base");
    git(&work, &["checkout", "-q", "-b", "feature"]);
    write(&work, "a.py", format!("{LINES}feature\n"));
    let scanned = commit(&work, "feature, scanned");
    write(&work, "a.py", format!("{LINES}feature two\n"));
    commit(&work, "feature goes on");
    git(&work, &["checkout", "-q", "main"]);
    write(&work, "b.py", "b\n");
    commit(&work, "main goes on");
    git(&work, &["merge", "-q", "--no-ff", "-m", "merge", "feature"]);
    let merge = git(&work, &["rev-parse", "HEAD"]);
    write(&work, "a.py", "all new\n");
    let last = commit(&work, "after");
    let found = history(&open(&work), &scanned, &last, "a.py");
    assert!(found.is_complete);
    assert_eq!(steps(&found), [("a.py", &*merge), ("a.py", &*last)]);
}

#[test]
fn what_is_no_ancestor_or_out_of_bounds_is_incomplete_and_not_an_error() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "0\n");
    let from = commit(&work, "0");
    for version in 1..6 {
        write(&work, "a.py", format!("{version}\n"));
        commit(&work, "c");
    }
    let head = git(&work, &["rev-parse", "HEAD"]);
    let repo = open(&work);
    assert!(!history(&repo, &head, &from, "a.py").is_complete, "backwards");
    assert!(!history(&repo, &from, &head, "missing.py").is_complete, "no such file");
    let limited = |limits| repo.file_history((&from, &head), "a.py", limits, &alike, &|| false).unwrap();
    assert!(!limited(HistoryLimits { commits: 3, ..HistoryLimits::default() }).is_complete);
    let few = limited(HistoryLimits { versions: 2, ..HistoryLimits::default() });
    assert_eq!((few.versions.len(), few.is_complete), (2, false));
    let stopped = repo.file_history((&from, &head), "a.py", HistoryLimits::default(), &alike, &|| true).unwrap();
    assert!(!stopped.is_complete);
    let shallow = sandbox.path("shallow");
    let source = format!("file://{}", work.display());
    git(&work, &["clone", "-q", "--depth", "2", &source, shallow.to_str().unwrap()]);
    let shallow = open(&shallow);
    assert!(shallow.file_history((&from, &head), "a.py", HistoryLimits::default(), &alike, &|| false).is_err());
    assert!(history(&shallow, &git(&work, &["rev-parse", "HEAD~1"]), &head, "a.py").is_complete);
}

#[test]
fn changes_between_commits_name_both_blobs() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["kept/a.py", "gone/b.py", "c.py"] {
        write(&work, path, path);
    }
    let from = commit(&work, "0");
    std::fs::remove_file(work.join("gone/b.py")).unwrap();
    write(&work, "c.py", "new");
    write(&work, "new/d.py", "d");
    let to = commit(&work, "1");
    let repo = open(&work);
    let changes = repo.changes(&from, &to, 100).unwrap();
    let seen: Vec<_> =
        changes.files.iter().map(|file| (&*file.path, file.before.is_some(), file.after.is_some())).collect();
    assert_eq!(seen, [("c.py", true, true), ("gone/b.py", true, false), ("new/d.py", false, true)]);
    assert!(!changes.is_partial);
}
