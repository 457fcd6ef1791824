//! The tree that is judged: the index and commits, never the disk where it is not asked for.

use std::sync::Arc;

use aspm_repo::{Content, Error, Repo, TreeView, View};

use crate::sandbox::{Sandbox, commit, git, open, write};

fn paths(view: &TreeView) -> Vec<Arc<str>> {
    let listing = view.list(1000).unwrap();
    assert!(!listing.truncated && !listing.incomplete);
    listing.files.into_iter().map(|file| file.path).collect()
}

fn text(text: &str) -> Content {
    Content::Text(text.into())
}

fn index(repo: &Repo) -> TreeView {
    repo.view(&View::Index, "").unwrap()
}

#[test]
fn the_index_is_read_as_it_is_and_not_the_disk() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "committed\n");
    write(&work, "gone.py", "x\n");
    let head = commit(&work, "1");
    write(&work, "a.py", "staged\n");
    write(&work, "new.py", "new\n");
    git(&work, &["add", "-A"]);
    git(&work, &["rm", "-q", "--cached", "gone.py"]);
    write(&work, "a.py", "on disk\n");
    std::fs::remove_file(work.join("new.py")).unwrap();
    let repo = open(&work);
    let view = index(&repo);
    assert_eq!(paths(&view), ["a.py".into(), Arc::<str>::from("new.py")]);
    assert_eq!(view.read("a.py").unwrap(), text("staged\n"));
    assert_eq!(view.blob("a.py").unwrap(), git(&work, &["rev-parse", ":a.py"]));
    assert_eq!(view.read("new.py").unwrap(), text("new\n"));
    assert_eq!((view.read("gone.py").unwrap(), view.blob("gone.py")), (Content::NoPath, None));
    let disk = repo.view(&View::WorkTree, "").unwrap();
    assert_eq!(paths(&disk), ["a.py".into(), Arc::<str>::from("gone.py")]);
    assert_eq!(disk.read("a.py").unwrap(), text("on disk\n"));
    assert_eq!(disk.blob("a.py").unwrap(), repo.blob_id_of(b"on disk\n"));
    let committed = repo.view(&View::Commit(head), "").unwrap();
    assert_eq!(paths(&committed), ["a.py".into(), Arc::<str>::from("gone.py")]);
    assert_eq!(committed.read("a.py").unwrap(), text("committed\n"));
}

#[test]
fn a_folder_of_the_repository_has_paths_of_its_own() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["a.py", "shop/b.py", "shop/in/c.py", "shop-2/d.py"] {
        write(&work, path, path);
    }
    let head = commit(&work, "1");
    let repo = open(&work.join("shop"));
    assert_eq!(repo.prefix_of(&work.join("shop/in")).as_deref(), Some("shop/in/"));
    assert_eq!(repo.prefix_of(&work).as_deref(), Some(""));
    assert_eq!(repo.prefix_of(work.parent().unwrap()), None);
    for view in [View::WorkTree, View::Index, View::Commit(head)] {
        for folder in ["shop", "shop/", "./shop//"] {
            let shop = repo.view(&view, folder).unwrap();
            assert_eq!(paths(&shop), ["b.py".into(), Arc::<str>::from("in/c.py")], "{view:?}");
            assert_eq!(shop.read("in/c.py").unwrap(), text("shop/in/c.py"));
            assert_eq!(shop.blob("b.py"), Some(repo.blob_id_of(b"shop/b.py")));
            for other in ["a.py", "../a.py", "shop/b.py", "in", ""] {
                assert_eq!((shop.read(other).unwrap(), shop.blob(other)), (Content::NoPath, None), "{view:?} {other}");
            }
        }
        let none = repo.view(&view, "nowhere").unwrap();
        assert_eq!(paths(&none), Vec::<Arc<str>>::new(), "{view:?}");
        assert_eq!(repo.view(&view, "").unwrap().list(2).unwrap().files.len(), 2);
        assert!(repo.view(&view, "").unwrap().list(2).unwrap().truncated, "{view:?}");
        assert!(!repo.view(&view, "").unwrap().list(4).unwrap().truncated, "{view:?}");
    }
}

#[test]
fn without_an_index_file_and_before_the_first_commit_it_is_empty() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let repo = open(&work);
    assert_eq!(paths(&index(&repo)), Vec::<Arc<str>>::new());
    assert_eq!(index(&repo).read("a.py").unwrap(), Content::NoPath);
    git(&work, &["add", "a.py"]);
    assert_eq!(paths(&index(&repo)), ["a.py".into()], "the same handle sees the new index");
}

#[test]
fn links_and_submodules_are_told_and_not_followed() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let (_other, library) = Sandbox::init("library", &[]);
    write(&library, "inner.py", "x\n");
    commit(&library, "c");
    git(&work, &["submodule", "--quiet", "add", library.to_str().unwrap(), "vendor"]);
    write(&work, "a.py", "x\n");
    #[cfg(unix)]
    std::os::unix::fs::symlink("a.py", work.join("link.py")).unwrap();
    let head = commit(&work, "1");
    let repo = open(&work);
    for view in [View::WorkTree, View::Index, View::Commit(head)] {
        let view = repo.view(&view, "").unwrap();
        assert_eq!(paths(&view), [".gitmodules".into(), Arc::<str>::from("a.py")], "{view:?}");
        assert_eq!(view.blob("vendor"), None);
        assert_eq!(view.read("vendor").unwrap(), Content::NoPath);
        #[cfg(unix)]
        assert_eq!((view.read("link.py").unwrap(), view.blob("link.py")), (Content::Link, None), "{view:?}");
    }
}

#[test]
fn every_format_of_the_index_gives_the_same_files() {
    let mut forms: Vec<(&str, Vec<&str>)> = vec![("plain", vec!["update-index", "--index-version=2"])];
    forms.push(("extended", vec!["update-index", "--skip-worktree", "src/a.py"]));
    forms.push(("prefixes", vec!["update-index", "--index-version=4"]));
    forms.push(("split", vec!["update-index", "--split-index"]));
    for (form, arguments) in forms {
        for hash in ["sha1", "sha256"] {
            let (_sandbox, work) = Sandbox::init("w", &[&format!("--object-format={hash}")]);
            for number in 0..70 {
                write(&work, &format!("src/{number}.py"), "x\n");
            }
            write(&work, "src/a.py", "x\n");
            commit(&work, "1");
            git(&work, &arguments);
            write(&work, "src/3.py", "changed\n");
            write(&work, "src/new.py", "new\n");
            std::fs::remove_file(work.join("src/7.py")).unwrap();
            git(&work, &["add", "-A"]);
            let is_split = std::fs::read_dir(work.join(".git"))
                .unwrap()
                .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("sharedindex."));
            assert_eq!(is_split, form == "split");
            let view = index(&open(&work));
            let told = git(&work, &["ls-files"]);
            assert_eq!(paths(&view), told.lines().map(Arc::from).collect::<Vec<Arc<str>>>(), "{form} {hash}");
            assert_eq!(view.read("src/3.py").unwrap(), text("changed\n"), "{form} {hash}");
        }
    }
}

#[test]
fn a_sparse_checkout_has_all_its_files_also_in_an_index_of_folders() {
    for folders in [false, true] {
        let (_sandbox, work) = Sandbox::init("w", &[]);
        for path in ["top.py", "in/a.py", "out/b.py", "out/deep/c.py"] {
            write(&work, path, path);
        }
        let head = commit(&work, "1");
        let sparse = if folders { "--sparse-index" } else { "--no-sparse-index" };
        git(&work, &["sparse-checkout", "set", "--cone", sparse, "in"]);
        assert!(!work.join("out").exists());
        let repo = open(&work);
        let view = index(&repo);
        let all: Vec<Arc<str>> = ["in/a.py", "out/b.py", "out/deep/c.py", "top.py"].map(Arc::from).into();
        assert_eq!(paths(&view), all);
        assert_eq!(view.read("out/deep/c.py").unwrap(), text("out/deep/c.py"));
        assert_eq!(view.blob("out/b.py"), repo.blob_at(&head, "out/b.py"));
        assert_eq!(view.read("out/none.py").unwrap(), Content::NoPath);
        let deep = repo.view(&View::Index, "out/deep").unwrap();
        assert_eq!((paths(&deep), deep.read("c.py").unwrap()), (vec!["c.py".into()], text("out/deep/c.py")));
        assert_eq!(repo.sparse_files(100), ["out/b.py".into(), Arc::<str>::from("out/deep/c.py")]);
        assert_eq!(repo.sparse_file("out/deep/c.py").unwrap(), Some(text("out/deep/c.py")));
        assert_eq!(repo.sparse_file("in/a.py").unwrap(), None);
        let changes = |folder: &str| {
            let staged = repo.staged_changes(folder, 100, &|_, _| None).unwrap();
            let disk = repo.work_tree_changes(folder, 100, &|_, _| None).unwrap();
            (staged.files.len(), disk.files.len(), staged.is_partial || disk.is_partial)
        };
        assert_eq!([changes(""), changes("out/deep"), changes("in")], [(0, 0, false); 3], "{folders}");
    }
}

#[test]
fn what_a_merge_left_open_is_ours_and_named_and_what_is_only_announced_is_not_there() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "both.py", "base\n");
    write(&work, "removed.py", "base\n");
    commit(&work, "base");
    git(&work, &["checkout", "-q", "-b", "theirs"]);
    write(&work, "both.py", "theirs\n");
    write(&work, "removed.py", "theirs\n");
    commit(&work, "theirs");
    git(&work, &["checkout", "-q", "main"]);
    write(&work, "both.py", "ours\n");
    std::fs::remove_file(work.join("removed.py")).unwrap();
    commit(&work, "ours");
    let merged = std::panic::catch_unwind(|| git(&work, &["merge", "-q", "theirs"]));
    assert!(merged.is_err(), "the merge stops");
    write(&work, "announced.py", "x\n");
    git(&work, &["add", "-N", "announced.py"]);
    let repo = open(&work);
    let view = index(&repo);
    assert_eq!(paths(&view), ["both.py".into()]);
    assert_eq!(view.read("both.py").unwrap(), text("ours\n"));
    assert_eq!(view.conflicted(), ["both.py".into(), Arc::<str>::from("removed.py")]);
    let staged = repo.staged_changes("", 100, &|_, _| None).unwrap();
    assert_eq!((staged.files.len(), staged.conflicted.len()), (0, 2));
    let disk = repo.work_tree_changes("", 100, &|_, _| None).unwrap();
    let paths: Vec<&str> = disk.files.iter().map(|file| &*file.path).collect();
    assert_eq!(paths, ["announced.py", "both.py", "removed.py"]);
}

#[test]
fn the_index_a_hook_is_given_is_read_instead() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "one\n");
    commit(&work, "1");
    let other = sandbox.path("other-index");
    std::fs::copy(work.join(".git/index"), &other).unwrap();
    write(&work, "a.py", "two\n");
    git(&work, &["add", "-A"]);
    let repo = open(&work);
    assert_eq!(index(&repo).read("a.py").unwrap(), text("two\n"));
    assert_eq!(index(&repo.with_index_file(&other)).read("a.py").unwrap(), text("one\n"));
    let relative = repo.with_index_file(std::path::Path::new(".git/index"));
    assert_eq!(index(&relative).read("a.py").unwrap(), text("two\n"));
    for round in 0..20 {
        write(&work, "a.py", format!("{}\n", round % 10));
        git(&work, &["add", "-A"]);
        assert_eq!(index(&repo).read("a.py").unwrap(), text(&format!("{}\n", round % 10)), "the same size each time");
    }
}

#[test]
fn unknown_commits_bare_repositories_and_damaged_indexes_are_errors_in_words() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    commit(&work, "1");
    let repo = open(&work);
    assert!(matches!(repo.view(&View::Commit("1".repeat(40)), ""), Err(Error::NoCommit { .. })));
    let bare = sandbox.path("bare.git");
    git(&work, &["clone", "-q", "--bare", work.to_str().unwrap(), bare.to_str().unwrap()]);
    let bare = Repo::at(&bare).unwrap().unwrap();
    assert!(bare.view(&View::WorkTree, "").unwrap_err().to_string().contains("bare: there is no work tree"));
    assert_eq!(paths(&bare.view(&View::Index, "").unwrap()), Vec::<Arc<str>>::new());
    let file = work.join(".git/index");
    let good = std::fs::read(&file).unwrap();
    for at in [0, 5, 9, 40, good.len() - 1] {
        let mut bad = good.clone();
        bad[at] ^= 0x55;
        std::fs::write(&file, &bad).unwrap();
        let error = repo.view(&View::Index, "").unwrap_err().to_string();
        assert!(error.starts_with(&format!("cannot read the index of the git repository at {}: ", work.display())));
        assert!(error.contains("checksum"), "{error}");
        assert!(repo.tracked_files(9).is_none());
    }
    #[cfg(unix)]
    {
        crate::hostile::make_pipe(&file);
        let error = repo.view(&View::Index, "").unwrap_err().to_string();
        assert!(error.contains("is not a regular file"), "{error}");
    }
}

/// Without a checksum nothing but the decoder itself stands between the bytes and the answer.
#[test]
fn an_index_of_any_bytes_is_an_answer_or_an_error_and_never_a_panic() {
    for form in ["--index-version=2", "--index-version=4", "--split-index"] {
        let (_sandbox, work) = Sandbox::init("w", &[]);
        for path in ["a.py", "dir/b.py", "dir/c.py", "e/f/g.py"] {
            write(&work, path, path);
        }
        commit(&work, "1");
        git(&work, &["update-index", form]);
        write(&work, "dir/b.py", "staged");
        git(&work, &["add", "-A"]);
        let file = work.join(".git/index");
        let good = std::fs::read(&file).unwrap();
        let repo = open(&work);
        let (mut answers, mut errors) = (0, 0);
        let mut look = |mut bytes: Vec<u8>| {
            let end = bytes.len().saturating_sub(20);
            bytes[end..].fill(0);
            std::fs::write(&file, &bytes).unwrap();
            match repo.staged_changes("", 100, &|_, _| None) {
                Ok(_) => answers += 1,
                Err(_) => errors += 1,
            }
        };
        for at in 0..good.len() - 20 {
            for flip in [0x01, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[at] ^= flip;
                look(bad);
            }
            look(good[..at].to_vec());
        }
        assert!(answers > 0 && errors > good.len() / 2, "{form}: {answers} {errors}");
    }
}
