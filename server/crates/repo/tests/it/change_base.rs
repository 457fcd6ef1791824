//! Revisions people type, where histories parted, and the commit a change is judged by.

use std::path::Path;

use aspm_repo::{ChangeBase, MergeBase};

use crate::sandbox::{Sandbox, commit, git, open, write};

#[test]
fn revisions_mean_what_git_says() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let first = commit(&work, "1");
    git(&work, &["tag", "light"]);
    git(&work, &["tag", "-a", "-m", "t", "annotated"]);
    git(&work, &["tag", "-a", "-m", "t", "of-a-tag", "annotated"]);
    git(&work, &["checkout", "-q", "-b", "feature/x"]);
    commit(&work, "2");
    git(&work, &["checkout", "-q", "main"]);
    commit(&work, "3");
    git(&work, &["merge", "-q", "--no-ff", "-m", "merge", "feature/x"]);
    git(&work, &["update-ref", "refs/remotes/origin/main", "main~1"]);
    git(&work, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main"]);
    git(&work, &["branch", "light", "main"]);
    git(&work, &["branch", "deadbeef", "main^2"]);
    git(&work, &["update-ref", "ORIG_HEAD", "main~1"]);
    let repo = open(&work);
    for packed in [false, true] {
        if packed {
            git(&work, &["pack-refs", "--all"]);
        }
        for revision in [
            "HEAD",
            "@",
            "main",
            "feature/x",
            "heads/main",
            "refs/heads/main",
            "origin/main",
            "origin",
            "light",
            "refs/heads/light",
            "annotated",
            "of-a-tag",
            "annotated^{}",
            "of-a-tag^{commit}",
            "HEAD~",
            "HEAD~1",
            "HEAD^",
            "HEAD^2",
            "HEAD^1~1",
            "HEAD~~",
            "HEAD^^",
            "HEAD^0",
            "HEAD~0",
            "main^2~1^0",
            "deadbeef",
            "remotes/origin/main",
            "ORIG_HEAD",
            &first,
            &first[..9],
        ] {
            let told = git(&work, &["rev-parse", "--verify", "-q", &format!("{revision}^{{commit}}")]);
            assert_eq!(repo.resolve(revision).unwrap(), told, "{revision}");
        }
        let tag = git(&work, &["rev-parse", "annotated"]);
        assert_eq!(repo.resolve(&tag).unwrap(), first, "the id of the tag itself");
    }
}

#[test]
fn what_names_no_commit_is_an_error_that_says_what_to_do() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let repo = open(&work);
    assert!(repo.resolve("HEAD").is_err() && repo.resolve("main").is_err(), "unborn");
    write(&work, "a.py", "x\n");
    commit(&work, "1");
    let blob = git(&work, &["rev-parse", "HEAD:a.py"]);
    let long = "x".repeat(2000);
    for revision in [
        "",
        "nowhere",
        "HEAD~1",
        "HEAD^2",
        "HEAD~99999999999999999999",
        "HEAD~4000000000",
        "main..HEAD",
        ":/1",
        "HEAD:a.py",
        "HEAD@{1}",
        "@{-1}",
        "main^{tree}",
        "main^{/1}",
        "../../etc/passwd",
        "refs/../config",
        "-main",
        "config",
        "index",
        "main^-",
        "a b",
        "\n",
        &blob,
        &blob[..10],
        &long,
        "^main",
        "~1",
        "refs/heads",
        "heads",
        "/main",
        "main/",
        "é~é",
    ] {
        let error = repo.resolve(revision).unwrap_err().to_string();
        assert!(error.starts_with("no commit is called "), "{revision}: {error}");
        assert!(error.len() < 400 && !error.contains('\n'), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_pipe_in_place_of_a_branch_is_refused() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    commit(&work, "1");
    crate::hostile::make_pipe(&work.join(".git/refs/heads/trap"));
    std::fs::create_dir_all(work.join(".git/refs/remotes/origin")).unwrap();
    crate::hostile::make_pipe(&work.join(".git/refs/remotes/origin/HEAD"));
    let repo = open(&work);
    assert!(repo.resolve("trap").unwrap_err().to_string().contains("is not a regular file"));
    assert!(repo.default_branch().unwrap_err().to_string().contains("is not a regular file"));
}

#[test]
fn the_merge_base_is_the_one_git_finds() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    commit(&work, "1");
    let parted = commit(&work, "2");
    git(&work, &["checkout", "-q", "-b", "feature"]);
    commit(&work, "f1");
    git(&work, &["checkout", "-q", "main"]);
    let merged = commit(&work, "3");
    commit(&work, "4");
    let repo = open(&work);
    let base =
        |one: &str, other: &str| repo.merge_base(&repo.resolve(one).unwrap(), &repo.resolve(other).unwrap()).unwrap();
    assert_eq!(base("main", "feature"), MergeBase::Found(parted));
    git(&work, &["checkout", "-q", "feature"]);
    git(&work, &["merge", "-q", "--no-ff", "-m", "update", &merged]);
    commit(&work, "f2");
    git(&work, &["checkout", "-q", "main"]);
    assert_eq!(base("main", "feature"), MergeBase::Found(merged));
    for (one, other) in [("main", "main"), ("main~1", "main"), ("main", "main~3"), ("feature~1", "main~2")] {
        let told = git(&work, &["merge-base", one, other]);
        assert_eq!(
            (base(one, other).commit(), base(other, one).commit()),
            (Some(&*told), Some(&*told)),
            "{one} {other}"
        );
    }
    git(&work, &["checkout", "-q", "--orphan", "other"]);
    commit(&work, "alone");
    assert_eq!(base("main", "other"), MergeBase::Unrelated);
    assert!(repo.merge_base(&"1".repeat(40), &repo.resolve("main").unwrap()).is_err());
}

#[test]
fn a_shallow_clone_finds_what_it_has_and_says_what_it_lacks() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    let parted = commit(&work, "1");
    git(&work, &["checkout", "-q", "-b", "feature"]);
    commit(&work, "f1");
    git(&work, &["checkout", "-q", "main"]);
    commit(&work, "2");
    let clone = sandbox.path("clone");
    let url = format!("file://{}", work.display());
    git(&work, &["clone", "-q", "--depth", "1", "--no-single-branch", "-b", "feature", &url, clone.to_str().unwrap()]);
    let repo = open(&clone);
    let base = repo.change_base().unwrap();
    assert_eq!(base.commit, None);
    assert!(base.words.starts_with("none with origin/main: ") && base.words.contains("--unshallow"), "{}", base.words);
    git(&clone, &["fetch", "-q", "--depth", "2"]);
    assert_eq!(repo.change_base().unwrap().commit, Some(parted));
}

fn remote(work: &Path, name: &str, branch: &str, at: &str) {
    git(work, &["update-ref", &format!("refs/remotes/{name}/{branch}"), at]);
}

#[test]
fn the_base_of_a_change_is_where_it_parted_from_the_default_branch() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let repo = open(&work);
    let words = |base: &ChangeBase| base.words.clone();
    let unborn = repo.change_base().unwrap();
    assert_eq!((unborn.commit.as_deref(), &*unborn.words), (None, "none: nothing is committed yet"));
    let first = commit(&work, "1");
    let second = commit(&work, "2");
    let told = |expected: &str, words: &str| {
        let base = repo.change_base().unwrap();
        assert_eq!((base.commit.as_deref(), &*base.words), (Some(expected), words));
    };
    told(&second, &format!("HEAD of main, {}", &second[..7]));
    git(&work, &["checkout", "-q", "-b", "feature"]);
    commit(&work, "3");
    told(&second, &format!("the merge base with main, {}", &second[..7]));
    git(&work, &["remote", "add", "upstream", "https://example.com/a/b"]);
    remote(&work, "upstream", "develop", &first);
    told(&first, &format!("the merge base with upstream/develop, {}", &first[..7]));
    git(&work, &["remote", "add", "origin", "https://example.com/me/b"]);
    remote(&work, "origin", "trunk", &second);
    told(&second, &format!("the merge base with origin/trunk, {}", &second[..7]));
    remote(&work, "origin", "release", &first);
    git(&work, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/release"]);
    told(&first, &format!("the merge base with origin/release, {}", &first[..7]));
    git(&work, &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone"]);
    told(&second, &format!("the merge base with origin/trunk, {}", &second[..7]));
    git(&work, &["checkout", "-q", "--detach"]);
    told(&second, &format!("the merge base with origin/trunk, {}", &second[..7]));
    git(&work, &["checkout", "-q", "--orphan", "alone"]);
    commit(&work, "alone");
    let alone = repo.change_base().unwrap();
    assert_eq!((alone.commit.clone(), words(&alone)), (None, "none: HEAD shares no history with origin/trunk".into()));
}

#[test]
fn without_any_default_branch_there_is_no_base_and_the_words_say_what_to_do() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    git(&work, &["checkout", "-q", "-b", "feature"]);
    commit(&work, "1");
    git(&work, &["config", "remote.odd name...url", "https://example.com/a/b"]);
    let base = open(&work).change_base().unwrap();
    assert_eq!(base.commit, None);
    assert!(base.words.contains("no default branch is known here. `git fetch origin`"), "{}", base.words);
    assert!(!base.is_lost, "nothing was fetched: HEAD is all that is before the work");
    let head = git(&work, &["rev-parse", "HEAD"]);
    remote(&work, "origin", "feature", &head);
    assert!(open(&work).change_base().unwrap().is_lost, "what it is merged into is with others");
    git(&work, &["pack-refs", "--all", "--prune"]);
    assert!(open(&work).change_base().unwrap().is_lost, "packed as well");
    git(&work, &["update-ref", "-d", "refs/remotes/origin/feature"]);
    assert!(!open(&work).change_base().unwrap().is_lost, "gone again");
}

#[test]
fn repository_urls_are_in_one_form_with_origin_first_and_each_once() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for (name, url) in [
        ("mirror", "https://user:secret@gitlab.example.com:8443/Acme/Shop.git"),
        ("files", "/srv/git/shop.git"),
        ("helper", "ext::sh -c touch% /tmp/mark"),
        ("origin", "git@github.com:acme/shop.git"),
        ("https", "https://github.com/acme/shop/"),
    ] {
        git(&work, &["config", &format!("remote.{name}.url"), url]);
    }
    assert_eq!(open(&work).repository_urls(), ["github.com/acme/shop", "gitlab.example.com/acme/shop"]);
}
