//! Listing and reading the work tree.

use aspm_repo::files::{Limits, Listing, Read, list, read};

use crate::sandbox::{Sandbox, commit, git, write};

fn all(root: &std::path::Path) -> Listing {
    list(root, Limits::default(), &|| false)
}

fn names(listing: &Listing) -> Vec<&str> {
    listing.paths.iter().map(AsRef::as_ref).collect()
}

#[test]
fn a_listing_has_what_git_would_not_ignore_in_byte_order() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in
        ["b.py", "a/z.py", "a.py", "a/.env", ".github/ci.yml", "out/x.o", "a/x.tmp", "é/ü.py", "keep.o", "local.x"]
    {
        write(&work, path, "x");
    }
    write(&work, ".gitignore", "out/\n*.o\n!keep.o\n");
    write(&work, "a/.gitignore", "*.tmp\n");
    write(&work, ".git/info/exclude", "local.x\n");
    let listing = all(&work);
    let expected =
        [".github/ci.yml", ".gitignore", "a.py", "a/.env", "a/.gitignore", "a/z.py", "b.py", "keep.o", "é/ü.py"];
    assert_eq!(names(&listing), expected);
    assert_eq!((listing.truncated, listing.skipped.len()), (false, 0));
    commit(&work, "1");
    let mut tracked: Vec<_> = git(&work, &["ls-files", "-z"]).split_terminator('\0').map(str::to_owned).collect();
    tracked.sort();
    assert_eq!(names(&listing), tracked, "git itself agrees");
    assert_eq!(names(&all(&work.join("a"))), [".env", ".gitignore", "z.py"], "a folder of a repository");
    write(&work, "a/more.o", "x");
    assert_eq!(names(&all(&work.join("a"))).len(), 3, "the rules above the folder hold in it");
}

#[test]
fn ignore_files_work_without_a_repository_and_those_above_do_not_reach_in() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("plain");
    write(&sandbox.path(""), ".gitignore", "*.py\n");
    write(&root, "a.py", "x");
    write(&root, "b.o", "x");
    write(&root, ".gitignore", "*.o\n");
    assert_eq!(names(&all(&root)), [".gitignore", "a.py"]);
}

#[test]
fn repositories_inside_a_repository_are_not_entered_and_said() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    let (_other, library) = Sandbox::init("library", &[]);
    write(&library, "inner.py", "x\n");
    commit(&library, "c");
    git(&work, &["submodule", "--quiet", "add", library.to_str().unwrap(), "vendor"]);
    write(&work, "a.py", "x");
    let listing = all(&work);
    assert_eq!(names(&listing), [".gitmodules", "a.py"]);
    assert_eq!(listing.skipped, ["vendor: a repository of its own (a submodule?), not listed"]);
    assert_eq!(names(&all(&work.join("vendor"))), ["inner.py"], "as a root it is listed");
}

#[test]
fn a_folder_of_many_repositories_is_listed_whole() {
    let sandbox = Sandbox::new();
    for name in ["one", "two"] {
        let work = sandbox.path(name);
        std::fs::create_dir(&work).unwrap();
        git(&work, &["init", "-q"]);
        write(&work, "a.py", "x");
        write(&work, "a.o", "x");
        write(&work, ".gitignore", "*.o\n");
    }
    let listing = all(&sandbox.path(""));
    assert_eq!(names(&listing), ["one/.gitignore", "one/a.py", "two/.gitignore", "two/a.py"]);
}

#[test]
fn limits_and_cancelling_leave_a_listing_that_says_so() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("w");
    for n in 0..10 {
        write(&root, &format!("{n}.py"), "x");
    }
    write(&root, "d/e/f.py", "x");
    let cut = |files, depth| list(&root, Limits { files, depth }, &|| false);
    assert_eq!((cut(5, 9).paths.len(), cut(5, 9).truncated), (5, true));
    assert_eq!((cut(11, 9).paths.len(), cut(11, 9).truncated), (11, false), "just enough");
    assert_eq!((cut(11, 2).paths.len(), cut(11, 2).truncated), (11, false), "just deep enough");
    assert_eq!((cut(11, 1).paths.len(), cut(11, 1).truncated), (10, true));
    let cancelled = list(&root, Limits::default(), &|| true);
    assert_eq!((cancelled.paths.len(), cancelled.truncated), (0, true));
    let missing = all(&root.join("missing"));
    assert_eq!((missing.paths.len(), missing.skipped.len()), (0, 1));
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_odd_names_are_told() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&sandbox.path("outside"), "secret.py", "x");
    write(&work, "a.py", "x");
    symlink(sandbox.path("outside"), work.join("dir")).unwrap();
    symlink(sandbox.path("outside/secret.py"), work.join("file.py")).unwrap();
    symlink(".", work.join("loop")).unwrap();
    std::fs::write(work.join(OsStr::from_bytes(b"caf\xe9.py")), "x").unwrap();
    crate::hostile::make_pipe(&work.join("pipe.py"));
    let listing = all(&work);
    assert_eq!(names(&listing), ["a.py"]);
    assert_eq!(listing.skipped, ["caf\u{fffd}.py: its name is not UTF-8, so no finding can be placed in it"]);
    let link = sandbox.path("link");
    symlink(&work, &link).unwrap();
    assert_eq!(names(&all(&link)), ["a.py"], "the root itself may be a link");
}

#[cfg(unix)]
#[test]
fn a_gitignore_that_is_a_link_to_an_endless_device_is_not_read() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    for path in ["a.py", "d/b.py", "d/e/c.py", "d/e/x.o"] {
        write(&work, path, "x");
    }
    write(&work, "d/e/.gitignore", "*.o\n");
    std::os::unix::fs::symlink("/dev/zero", work.join("d/.gitignore")).unwrap();
    let listing = all(&work);
    assert_eq!(names(&listing), ["a.py", "d/b.py", "d/e/.gitignore", "d/e/c.py", "d/e/x.o"]);
    assert_eq!(listing.skipped, ["d: its .gitignore is a link or too large and was not used"]);
    std::os::unix::fs::symlink("/dev/zero", work.join(".gitignore")).unwrap();
    assert_eq!(all(&work).skipped, [".: its .gitignore is a link or too large and was not used"]);
    assert_eq!(all(&work.join("d/e")).paths.len(), 3, "one above the listed folder is not read either");
}

#[test]
fn reading_tells_text_from_all_that_is_none() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a/b.py", "é\r\n");
    write(&work, "empty", "");
    write(&work, "bin", b"a\0b");
    write(&work, "utf16", b"\xff\xfea\0\n\0");
    write(&work, "latin1", b"caf\xe9");
    let cases = [
        ("a/b.py", Read::Text("é\r\n".into())),
        ("./a//b.py", Read::Text("é\r\n".into())),
        ("empty", Read::Text(String::new())),
        ("bin", Read::Bytes(b"a\0b".into())),
        ("utf16", Read::Bytes(b"\xff\xfea\0\n\0".into())),
        ("latin1", Read::Bytes(b"caf\xe9".into())),
        ("a", Read::Missing),
        ("missing", Read::Missing),
        ("empty/below", Read::Missing),
        ("", Read::Outside),
        (".", Read::Outside),
        ("..", Read::Outside),
        ("a/../a/b.py", Read::Outside),
        ("../w/a/b.py", Read::Outside),
        ("/etc/passwd", Read::Outside),
        ("a\0b", Read::Outside),
        (".git/config", Read::Outside),
        ("a/.GIT/config", Read::Outside),
    ];
    for (path, expected) in cases {
        assert_eq!(read(&work, path, 100).unwrap(), expected, "{path:?}");
    }
    assert_eq!(read(&work, "bin", 3).unwrap(), Read::Bytes(b"a\0b".into()), "just small enough");
    assert_eq!(read(&work, "bin", 2).unwrap(), Read::TooLarge { bytes: 3 });
    assert!(read(&work.join("missing"), "a", 9).is_err(), "a root that is not there is an error");
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_root_is_opened_through_links_and_nothing_but_regular_files() {
    use std::os::unix::fs::symlink;

    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&sandbox.path("outside"), "secret", "x");
    write(&sandbox.path("w-sibling"), "secret", "x");
    write(&work, "a.py", "x");
    symlink("a.py", work.join("inner")).unwrap();
    symlink(sandbox.path("outside/secret"), work.join("file")).unwrap();
    symlink(sandbox.path("outside"), work.join("dir")).unwrap();
    symlink("../w-sibling/secret", work.join("sibling")).unwrap();
    symlink(".git/config", work.join("git")).unwrap();
    symlink("nowhere", work.join("dangling")).unwrap();
    symlink("loop", work.join("loop")).unwrap();
    symlink("/dev/zero", work.join("zero")).unwrap();
    crate::hostile::make_pipe(&work.join("pipe"));
    for (path, expected) in [
        ("inner", Read::Text("x".into())),
        ("file", Read::Outside),
        ("dir/secret", Read::Outside),
        ("sibling", Read::Outside),
        ("git", Read::Outside),
        ("zero", Read::Outside),
        ("dangling", Read::Missing),
        ("pipe", Read::Unreadable("it is not a regular file".into())),
    ] {
        assert_eq!(read(&work, path, 100).unwrap(), expected, "{path}");
    }
    assert!(matches!(read(&work, "loop", 100).unwrap(), Read::Unreadable(_)));
    let link = sandbox.path("link");
    symlink(&work, &link).unwrap();
    assert_eq!(read(&link, "a.py", 100).unwrap(), Read::Text("x".into()), "the root itself may be a link");
}

#[test]
fn a_hundred_thousand_files_are_listed() {
    let sandbox = Sandbox::new();
    let root = sandbox.path("w");
    for n in 0..100_000 {
        write(&root, &format!("d{}/e{}/{n}.py", n % 100, n % 1000), "");
    }
    assert_eq!(all(&root).paths.len(), 100_000);
}
