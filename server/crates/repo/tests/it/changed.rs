//! Which files a change touches, staged, on disk and between commits.

use std::sync::Arc;

use aspm_repo::{ChangeKind, PathChanges, Repo, View};

use crate::sandbox::{Sandbox, commit, git, open, write};

/// The longest common start decides, from half on.
fn alike((_, old): (&str, &str), added: &[(Arc<str>, Arc<str>)]) -> Option<usize> {
    let common = |new: &str| old.bytes().zip(new.bytes()).take_while(|(a, b)| a == b).count();
    (0..added.len()).filter(|&at| common(&added[at].1) * 2 >= old.len()).max_by_key(|&at| common(&added[at].1))
}

/// `A path`, `M path`, `D path`, `R from > path`.
fn told(changes: &PathChanges) -> Vec<String> {
    assert!(!changes.is_partial);
    let line = |file: &aspm_repo::PathChange| match &file.kind {
        ChangeKind::Added => format!("A {}", file.path),
        ChangeKind::Modified => format!("M {}", file.path),
        ChangeKind::Deleted => format!("D {}", file.path),
        ChangeKind::Renamed { from } => format!("R {from} > {}", file.path),
    };
    changes.files.iter().map(line).collect()
}

fn staged(repo: &Repo, folder: &str) -> Vec<String> {
    told(&repo.staged_changes(folder, 100, &alike).unwrap())
}

fn on_disk(repo: &Repo, folder: &str) -> Vec<String> {
    told(&repo.work_tree_changes(folder, 100, &alike).unwrap())
}

const LINES: &str = "one\ntwo\nthree\nfour\nfive\nsix\n";

#[test]
fn before_the_first_commit_everything_staged_is_added() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let repo = open(&work);
    assert_eq!(staged(&repo, ""), Vec::<String>::new());
    write(&work, "a/b.py", "x\n");
    git(&work, &["add", "-A"]);
    write(&work, "c.py", "y\n");
    assert_eq!(staged(&repo, ""), ["A a/b.py"]);
    assert_eq!(on_disk(&repo, ""), ["A a/b.py", "A c.py"]);
}

#[test]
fn index_disk_and_commit_tell_the_same_change_once_it_is_in_each_of_them() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["kept.py", "edited.py", "deleted.py", "dir/same.py", "dir/moved.py", "dir.py", "dir-2/x.py"] {
        write(&work, path, format!("{path}\n{LINES}"));
    }
    write(&work, ".gitignore", "*.log\n");
    let base = commit(&work, "1");
    let repo = open(&work);
    assert_eq!((staged(&repo, ""), on_disk(&repo, "")), (vec![], vec![]));

    write(&work, "edited.py", "new\n");
    std::fs::remove_file(work.join("deleted.py")).unwrap();
    std::fs::create_dir(work.join("lib")).unwrap();
    std::fs::rename(work.join("dir/same.py"), work.join("lib/same.py")).unwrap();
    std::fs::remove_file(work.join("dir/moved.py")).unwrap();
    write(&work, "lib/other.py", format!("dir/moved.py\n{LINES}seven\n"));
    write(&work, "new.py", "unlike\n");
    write(&work, "noise.log", "ignored\n");
    let expected =
        ["D deleted.py", "M edited.py", "R dir/moved.py > lib/other.py", "R dir/same.py > lib/same.py", "A new.py"];
    assert_eq!(staged(&repo, ""), Vec::<String>::new(), "nothing is staged yet");
    assert_eq!(on_disk(&repo, ""), expected);
    git(&work, &["add", "-A"]);
    assert_eq!(staged(&repo, ""), expected);
    let head = commit(&work, "2");
    let between = repo.changes_since(Some(&base), &View::Commit(head), "", 100, &alike).unwrap();
    assert_eq!(told(&between), expected);
    assert_eq!((staged(&repo, ""), on_disk(&repo, "")), (vec![], vec![]));
    for view in [View::Index, View::WorkTree] {
        assert_eq!(told(&repo.changes_since(Some(&base), &view, "", 100, &alike).unwrap()), expected, "{view:?}");
    }
    let edited = &between.files[1];
    assert_eq!(edited.after, Some(repo.blob_id_of(b"new\n")));
    assert_eq!(edited.before, repo.blob_at(&base, "edited.py"));
}

#[test]
fn a_folder_sees_its_own_changes_and_a_file_from_elsewhere_is_added() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["a.py", "shop/b.py", "shop/c.py"] {
        write(&work, path, format!("{path}\n{LINES}"));
    }
    let base = commit(&work, "1");
    let repo = open(&work);
    git(&work, &["mv", "a.py", "shop/a.py"]);
    git(&work, &["mv", "shop/b.py", "shop/d.py"]);
    git(&work, &["mv", "shop/c.py", "c.py"]);
    let expected = ["A a.py", "D c.py", "R b.py > d.py"];
    assert_eq!(staged(&repo, "shop"), expected);
    assert_eq!(on_disk(&repo, "shop/"), expected);
    let head = commit(&work, "2");
    let between = repo.changes_since(Some(&base), &View::Commit(head), "shop", 100, &alike).unwrap();
    assert_eq!(told(&between), expected);
    assert_eq!(staged(&repo, "nowhere"), Vec::<String>::new());
}

#[test]
fn a_fixed_file_on_disk_does_not_hide_the_bad_index_and_the_other_way_round() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "good\n");
    write(&work, "b.py", "good\n");
    commit(&work, "1");
    write(&work, "a.py", "bad\n");
    git(&work, &["add", "-A"]);
    write(&work, "a.py", "good\n");
    write(&work, "b.py", "bad\n");
    let repo = open(&work);
    assert_eq!(staged(&repo, ""), ["M a.py"]);
    assert_eq!(on_disk(&repo, ""), ["M b.py"]);
}

#[test]
fn an_edit_of_the_same_size_and_time_as_the_index_is_seen() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "good\n");
    commit(&work, "1");
    let at = std::fs::metadata(work.join(".git/index")).unwrap().modified().unwrap();
    let touch = |content: &str| {
        write(&work, "a.py", content);
        std::fs::File::options().write(true).open(work.join("a.py")).unwrap().set_modified(at).unwrap();
    };
    touch("good\n");
    git(&work, &["update-index", "--refresh"]);
    touch("evil\n");
    std::fs::File::options().write(true).open(work.join(".git/index")).unwrap().set_modified(at).unwrap();
    assert_eq!(on_disk(&open(&work), ""), ["M a.py"]);
    touch("good\n");
    assert_eq!(on_disk(&open(&work), ""), Vec::<String>::new(), "touched, and the same");
}

#[test]
fn a_file_git_is_told_to_take_for_unchanged_is_still_looked_at() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "good\n");
    write(&work, "b.py", "good\n");
    commit(&work, "1");
    git(&work, &["update-index", "--assume-unchanged", "a.py"]);
    git(&work, &["update-index", "--skip-worktree", "b.py"]);
    write(&work, "a.py", "something else\n");
    write(&work, "b.py", "something else\n");
    assert_eq!(git(&work, &["status", "--porcelain"]), "", "git itself does not");
    assert_eq!(on_disk(&open(&work), ""), ["M a.py", "M b.py"]);
}

#[test]
fn converted_line_ends_are_no_change_and_ignored_files_that_are_tracked_are_looked_at() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "one\ntwo\n");
    write(&work, "b.log", "one\n");
    commit(&work, "1");
    write(&work, ".gitignore", "*.log\n");
    commit(&work, "2");
    write(&work, "a.py", "one\r\ntwo\r\n");
    write(&work, "b.log", "changed\n");
    write(&work, "c.log", "ignored\n");
    let repo = open(&work);
    assert_eq!(on_disk(&repo, ""), ["M b.log"]);
    let listing = repo.view(&View::WorkTree, "").unwrap().list(10).unwrap();
    let paths: Vec<&str> = listing.files.iter().map(|file| &*file.path).collect();
    assert_eq!(paths, [".gitignore", "a.py", "b.log"]);
}

#[cfg(unix)]
#[test]
fn links_in_place_of_files_and_folders_are_not_followed() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    write(&work, "dir/b.py", "x\n");
    commit(&work, "1");
    let outside = sandbox.path("outside");
    write(&outside, "b.py", "outside\n");
    std::fs::remove_file(work.join("a.py")).unwrap();
    std::os::unix::fs::symlink(outside.join("b.py"), work.join("a.py")).unwrap();
    std::fs::remove_dir_all(work.join("dir")).unwrap();
    std::os::unix::fs::symlink(&outside, work.join("dir")).unwrap();
    let repo = open(&work);
    assert_eq!(on_disk(&repo, ""), ["D a.py", "D dir/b.py"]);
    let disk = repo.view(&View::WorkTree, "").unwrap();
    assert_eq!(disk.list(10).unwrap().files.len(), 0);
    assert_eq!((disk.blob("a.py"), disk.blob("dir/b.py")), (None, None));
    git(&work, &["add", "-A"]);
    assert_eq!(staged(&repo, ""), ["D a.py", "D dir/b.py"]);
}

#[test]
fn submodules_are_passed_by() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let (_other, library) = Sandbox::init("library", &[]);
    write(&library, "inner.py", "x\n");
    commit(&library, "c");
    commit(&work, "1");
    git(&work, &["submodule", "--quiet", "add", library.to_str().unwrap(), "vendor"]);
    let repo = open(&work);
    assert_eq!(staged(&repo, ""), ["A .gitmodules"]);
    write(&work, "vendor/inner.py", "changed\n");
    assert_eq!(on_disk(&repo, ""), ["A .gitmodules"]);
}

#[test]
fn a_file_that_becomes_a_folder_and_back_is_deleted_and_added() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a", "file\n");
    let first = commit(&work, "1");
    std::fs::remove_file(work.join("a")).unwrap();
    write(&work, "a/b.py", "other\n");
    let repo = open(&work);
    assert_eq!(on_disk(&repo, ""), ["D a", "A a/b.py"]);
    let second = commit(&work, "2");
    for (base, view, expected) in [
        (&first, View::Index, ["D a", "A a/b.py"]),
        (&second, View::Commit(first.clone()), ["A a", "D a/b.py"]),
        (&first, View::WorkTree, ["D a", "A a/b.py"]),
    ] {
        assert_eq!(told(&repo.changes_since(Some(base), &view, "", 9, &alike).unwrap()), expected, "{view:?}");
    }
}

#[test]
fn a_limit_and_objects_that_are_not_here_make_the_answer_partial() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "dir/a.py", "x\n");
    let base = commit(&work, "1");
    for number in 0..20 {
        write(&work, &format!("{number}.py"), number.to_string());
    }
    let head = commit(&work, "2");
    let repo = open(&work);
    for view in [View::Index, View::WorkTree, View::Commit(head)] {
        let few = repo.changes_since(Some(&base), &view, "", 5, &alike).unwrap();
        assert!(few.files.len() <= 20 && few.is_partial, "{view:?}");
    }
    let treeless = sandbox.path("treeless");
    let url = format!("file://{}", work.display());
    git(&work, &["config", "uploadpack.allowFilter", "true"]);
    write(&work, "dir/a.py", "y\n");
    commit(&work, "3");
    git(&work, &["clone", "-q", "--filter=tree:0", &url, treeless.to_str().unwrap()]);
    let repo = open(&treeless);
    assert!(repo.changes_since(Some(&base), &View::Index, "", 100, &alike).unwrap().is_partial);
}
