//! The forms repositories come in: shallow, partial, linked work trees, SHA-256, detached, unborn, bare, foreign.

use aspm_repo::{Content, Error, Head, Remote, Repo};

use crate::sandbox::{Sandbox, commit, git, open, write};

#[test]
fn a_folder_outside_any_repository_and_a_bare_repository_have_none() {
    let sandbox = Sandbox::new();
    let bare = sandbox.path("bare.git");
    std::fs::create_dir_all(sandbox.path("plain/inner")).unwrap();
    assert!(Repo::discover(&sandbox.path("plain/inner")).unwrap().is_none());
    git(&sandbox.path(""), &["init", "-q", "--bare", bare.to_str().unwrap()]);
    assert!(Repo::discover(&bare).unwrap().is_none());
    assert!(Repo::discover(&bare.join("refs")).unwrap().is_none());
    assert!(matches!(Repo::discover(&sandbox.path("nowhere")), Err(Error::Io { .. })));
}

#[test]
fn commits_are_read_from_a_bare_repository_a_git_folder_and_a_work_tree_and_nothing_above_is_looked_at() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a/b.py", "x\n");
    let id = commit(&work, "1");
    let bare = sandbox.path("bare.git");
    git(&work, &["clone", "-q", "--bare", work.to_str().unwrap(), bare.to_str().unwrap()]);
    for dir in [&bare, &work, &work.join(".git")] {
        let repo = Repo::at(dir).unwrap().expect("a repository");
        assert_eq!(repo.text_at(&id, "a/b.py").unwrap(), Content::Text("x\n".into()), "{}", dir.display());
    }
    assert!(Repo::at(&work.join("a")).unwrap().is_none());
}

#[test]
fn the_root_is_found_from_below_and_spelled_as_asked() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a/b/c.py", "x");
    std::fs::create_dir_all(work.join("broken/.git")).unwrap();
    assert_eq!(open(&work).root(), work);
    assert_eq!(open(&work.join("a/b")).root(), work);
    assert_eq!(open(&work.join("a/../a")).root(), work);
    assert_eq!(open(&work.join("broken")).root(), work, "an empty .git folder is passed by");
    #[cfg(unix)]
    {
        let link = sandbox.path("link");
        std::os::unix::fs::symlink(&work, &link).unwrap();
        assert_eq!(open(&link.join("a")).root(), link, "the editor's spelling is kept");
        let inside = sandbox.path("inside");
        std::os::unix::fs::symlink(work.join("a/b"), &inside).unwrap();
        assert_eq!(open(&inside).root(), work, "a link into the middle leads to the physical root");
    }
    drop(sandbox);
}

#[test]
fn head_is_told_unborn_born_on_a_nested_branch_and_detached() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let repo = open(&work);
    let head = |commit: Option<&str>, branch: Option<&str>| Head {
        commit: commit.map(str::to_owned),
        branch: branch.map(str::to_owned),
    };
    assert_eq!(repo.head().unwrap(), head(None, Some("main")));
    let first = commit(&work, "1");
    assert_eq!(repo.head().unwrap(), head(Some(&first), Some("main")));
    git(&work, &["checkout", "-q", "-b", "feature/x"]);
    let second = commit(&work, "2");
    assert_eq!(repo.head().unwrap(), head(Some(&second), Some("feature/x")), "the same handle sees HEAD move");
    git(&work, &["pack-refs", "--all"]);
    assert_eq!(repo.head().unwrap(), head(Some(&second), Some("feature/x")), "packed refs");
    git(&work, &["checkout", "-q", "--detach", &first]);
    assert_eq!(repo.head().unwrap(), head(Some(&first), None));
}

#[test]
fn a_linked_work_tree_has_its_own_head_and_the_common_objects() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let first = commit(&work, "1");
    let linked = sandbox.path("linked");
    git(&work, &["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap()]);
    write(&linked, "a.py", "y\n");
    let second = commit(&linked, "2");
    let repo = open(&linked);
    assert_eq!(repo.root(), linked);
    assert_eq!(repo.head().unwrap(), Head { commit: Some(second), branch: Some("other".into()) });
    assert_eq!(open(&work).head().unwrap().commit, Some(first.clone()));
    assert_eq!(repo.text_at(&first, "a.py").unwrap(), Content::Text("x\n".into()));
    let watched = repo.git_dirs_to_watch();
    let physical: Vec<_> = watched.iter().filter_map(|path| path.canonicalize().ok()).collect();
    assert_eq!(physical, [work.join(".git/worktrees/linked/HEAD"), work.join(".git/refs")]);
    assert!(watched[2].ends_with("packed-refs"));
}

#[test]
fn a_work_tree_of_a_bare_repository_is_ordinary() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "1");
    let bare = sandbox.path("project/.bare");
    git(&work, &["clone", "-q", "--bare", work.to_str().unwrap(), bare.to_str().unwrap()]);
    std::fs::write(sandbox.path("project/.git"), "gitdir: ./.bare\n").unwrap();
    let linked = sandbox.path("project/main");
    git(&bare, &["worktree", "add", "-q", linked.to_str().unwrap(), "main"]);
    let repo = open(&linked);
    assert_eq!(repo.root(), linked);
    assert_eq!(repo.text_at(&id, "a.py").unwrap(), Content::Text("x\n".into()));
    assert!(Repo::discover(&sandbox.path("project")).unwrap().is_none(), "the folder around it has no files");
}

#[test]
fn a_submodule_is_a_repository_of_its_own() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let (_other, library) = Sandbox::init("library", &[]);
    write(&library, "inner.py", "x\n");
    let id = commit(&library, "c");
    git(&work, &["submodule", "--quiet", "add", library.to_str().unwrap(), "vendor"]);
    let repo = open(&work.join("vendor"));
    assert_eq!(repo.root(), work.join("vendor"));
    assert_eq!(repo.head().unwrap().commit, Some(id));
}

#[test]
fn a_shallow_clone_knows_its_boundary() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "old\n");
    let old = commit(&work, "1");
    write(&work, "a.py", "new\n");
    let new = commit(&work, "2");
    let shallow = sandbox.path("shallow");
    let url = format!("file://{}", work.display());
    git(&work, &["clone", "-q", "--depth", "1", &url, shallow.to_str().unwrap()]);
    let repo = open(&shallow);
    assert!(repo.has_commit(&new));
    assert!(!repo.has_commit(&old));
    assert_eq!(repo.text_at(&new, "a.py").unwrap(), Content::Text("new\n".into()));
    assert_eq!(repo.text_at(&old, "a.py").unwrap(), Content::NoCommit);
    assert_eq!(repo.distance(&old, &new, 10), None);
    git(&shallow, &["fetch", "-q", "--unshallow"]);
    assert_eq!(repo.text_at(&old, "a.py").unwrap(), Content::Text("old\n".into()), "fetched since, same handle");
}

#[test]
fn a_missing_object_of_a_partial_clone_is_absent_and_is_not_fetched() {
    for (filter, incomplete) in [("blob:none", false), ("tree:0", true)] {
        let (sandbox, work) = Sandbox::init("w", &[]);
        git(&work, &["config", "uploadpack.allowFilter", "true"]);
        write(&work, "dir/a.py", "old\n");
        let old = commit(&work, "1");
        write(&work, "dir/a.py", "new\n");
        commit(&work, "2");
        let partial = sandbox.path("partial");
        let (url, filter) = (format!("file://{}", work.display()), format!("--filter={filter}"));
        git(&work, &["clone", "-q", &filter, &url, partial.to_str().unwrap()]);
        // Any transfer would run this program, and leave its mark.
        let mark = sandbox.path("fetched");
        git(&partial, &["config", "remote.origin.uploadpack", &format!("touch {}; git-upload-pack", mark.display())]);
        let before = object_files(&partial);

        let repo = open(&partial);
        assert_eq!(repo.text_at(&old, "dir/a.py").unwrap(), Content::Absent, "{filter}");
        assert_eq!(repo.paths_at(&old, 10).unwrap().incomplete, incomplete, "{filter}");
        assert_eq!(repo.blob_at(&old, "dir/a.py").is_some(), !incomplete, "{filter}");
        assert_eq!(object_files(&partial), before, "{filter}: objects arrived");
        assert!(!mark.exists(), "{filter}: something was fetched");

        git(&partial, &["cat-file", "-p", &format!("{old}:dir/a.py")]);
        assert!(mark.exists(), "{filter}: the trap itself works");
        assert_eq!(repo.text_at(&old, "dir/a.py").unwrap(), Content::Text("old\n".into()), "{filter}: there by now");
    }
}

fn object_files(work: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut pending = vec![work.join(".git/objects")];
    while let Some(folder) = pending.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { pending.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

#[test]
fn a_sha256_repository_answers_like_any_other() {
    let (_sandbox, work) = Sandbox::init("w", &["--object-format=sha256"]);
    write(&work, "dir/a.py", "x\n");
    let id = commit(&work, "1");
    assert_eq!(id.len(), 64);
    let repo = open(&work);
    assert_eq!(repo.head().unwrap().commit.as_ref(), Some(&id));
    assert_eq!(repo.text_at(&id, "dir/a.py").unwrap(), Content::Text("x\n".into()));
    assert!(repo.has_commit(&id[..40]), "a shortened id may be as long as a SHA-1");
    assert_eq!(repo.blob_id_of(b"x\n"), git(&work, &["rev-parse", "HEAD:dir/a.py"]));
    assert_eq!(repo.paths_at(&id, 9).unwrap().files.len(), 1);
}

#[test]
fn objects_borrowed_from_another_repository_are_found() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "1");
    let clone = sandbox.path("clone");
    git(&work, &["clone", "-q", "--shared", work.to_str().unwrap(), clone.to_str().unwrap()]);
    assert_eq!(open(&clone).text_at(&id, "a.py").unwrap(), Content::Text("x\n".into()));
}

#[test]
fn the_reftable_format_gives_content_and_says_that_head_is_not_supported() {
    let (_sandbox, work) = Sandbox::init("w", &["--ref-format=reftable"]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "1");
    let repo = open(&work);
    assert_eq!(repo.text_at(&id, "a.py").unwrap(), Content::Text("x\n".into()));
    let error = repo.head().unwrap_err().to_string();
    assert!(error.contains("uses the reftable ref format, which is not supported"), "{error}");
}

#[test]
fn remotes_come_without_credentials_and_in_order() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    git(&work, &["remote", "add", "upstream", "https://user:secret@example.com/up.git?t=1"]);
    git(&work, &["remote", "add", "origin", "git@example.com:me/it.git"]);
    git(&work, &["config", "--add", "remote.origin.url", "https://backup.example.com/it.git"]);
    git(&work, &["config", "remote.nourl.fetch", "x"]);
    let remote = |name: &str, url: &str| Remote { name: name.into(), url: url.into() };
    assert_eq!(
        open(&work).remotes(),
        [remote("upstream", "https://example.com/up.git"), remote("origin", "git@example.com:me/it.git")]
    );
}

#[cfg(unix)]
#[test]
fn a_repository_of_another_user_opens_with_its_remotes() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "1");
    git(&work, &["remote", "add", "origin", "https://example.com/it.git"]);
    let changed = std::process::Command::new("chown").args(["-R", "1234:1234"]).arg(&work).status();
    if !changed.is_ok_and(|status| status.success()) {
        eprintln!("skipped: only root can give a folder away");
        return;
    }
    let repo = open(&work);
    assert_eq!(repo.text_at(&id, "a.py").unwrap(), Content::Text("x\n".into()));
    assert_eq!(repo.head().unwrap().commit, Some(id));
    assert_eq!(repo.remotes().len(), 1);
    drop(sandbox);
}
