//! Repositories made to harm whoever opens them.

use std::path::Path;

use aspm_repo::{Content, Error, Repo};

use crate::sandbox::{Sandbox, commit, git, open, write};

#[test]
fn no_command_of_the_configuration_runs_and_no_include_is_followed() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    write(&work, ".gitattributes", "*.py filter=evil diff=evil\n");
    let id = commit(&work, "1");
    let mark = sandbox.path("mark");
    let touch = format!("touch {}", mark.display());
    let include = sandbox.path("include");
    std::fs::write(&include, "[remote \"included\"]\n\turl = https://included.example.com/x\n").unwrap();
    let config = format!(
        "[core]\n fsmonitor = {touch}\n sshCommand = {touch}\n pager = {touch}\n editor = {touch}\n hooksPath = {hooks}\n \
         askPass = {touch}\n gitProxy = {touch}\n alternateRefsCommand = {touch}\n\
         [credential]\n helper = !{touch}\n\
         [filter \"evil\"]\n smudge = {touch}\n clean = {touch}\n process = {touch}\n required = true\n\
         [diff \"evil\"]\n textconv = {touch}\n command = {touch}\n\
         [diff]\n external = {touch}\n\
         [remote \"origin\"]\n url = ext::sh -c {touch}\n promisor = true\n partialclonefilter = blob:none\n\
         [extensions]\n partialClone = origin\n\
         [include]\n path = {include}\n\
         [includeIf \"gitdir:/\"]\n path = {include}\n",
        hooks = sandbox.path("hooks").display(),
        include = include.display(),
    );
    let file = work.join(".git/config");
    let before =
        std::fs::read_to_string(&file).unwrap().replace("repositoryformatversion = 0", "repositoryformatversion = 1");
    std::fs::write(&file, before + &config).unwrap();

    let repo = open(&work);
    assert_eq!(repo.text_at(&id, "a.py").unwrap(), Content::Text("x\n".into()));
    assert_eq!(repo.text_at(&"1".repeat(40), "a.py").unwrap(), Content::NoCommit);
    assert_eq!(repo.head().unwrap().commit, Some(id.clone()));
    assert_eq!(repo.paths_at(&id, 9).unwrap().files.len(), 2);
    aspm_repo::files::list(&work, aspm_repo::files::Limits::default(), &|| false);
    let names: Vec<_> = repo.remotes().into_iter().map(|remote| remote.name).collect();
    assert_eq!(names, ["origin"], "an include was followed");
    assert!(!mark.exists(), "a command ran");
}

#[test]
fn a_configured_work_tree_elsewhere_does_not_move_the_root() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    let id = commit(&work, "1");
    std::fs::create_dir(sandbox.path("victim")).unwrap();
    for target in ["/", "../../victim"] {
        git(&work, &["config", "core.worktree", target]);
        let repo = open(&work);
        assert_eq!(repo.root(), work, "{target}");
        assert!(repo.has_commit(&id));
    }
}

#[test]
fn replaced_objects_are_not_shown_as_the_commits_content() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "true\n");
    let id = commit(&work, "1");
    write(&work, "a.py", "forged\n");
    let forged = commit(&work, "2");
    git(&work, &["replace", &id, &forged]);
    assert_eq!(git(&work, &["cat-file", "-p", &format!("{id}:a.py")]), "forged", "git itself follows it");
    assert_eq!(open(&work).text_at(&id, "a.py").unwrap(), Content::Text("true\n".into()));
}

#[test]
fn a_dot_git_file_may_point_elsewhere_and_a_dangling_one_is_passed_by() {
    let (sandbox, work) = Sandbox::init("w", &[]);
    let id = commit(&work, "1");
    let away = sandbox.path("away");
    std::fs::create_dir(&away).unwrap();
    std::fs::write(away.join(".git"), format!("gitdir: {}\n", work.join(".git").display())).unwrap();
    let repo = open(&away);
    assert_eq!(repo.root(), away);
    assert!(repo.has_commit(&id));
    std::fs::write(away.join(".git"), "gitdir: /nowhere/.git\n").unwrap();
    assert!(Repo::discover(&away).unwrap().is_none());
    std::fs::write(away.join(".git"), "gitdir: .git\n").unwrap();
    assert!(Repo::discover(&away).unwrap().is_none(), "a file that points to itself");
}

#[cfg(unix)]
#[test]
fn pipes_in_place_of_files_are_refused_before_anything_waits_on_them() {
    for name in ["HEAD", "config", "packed-refs", "commondir", "shallow", "objects/info/alternates"] {
        let (_sandbox, work) = Sandbox::init("w", &[]);
        commit(&work, "1");
        make_pipe(&work.join(".git").join(name));
        match Repo::discover(&work) {
            Err(Error::Refused { detail, .. }) => assert!(detail.contains("is not a regular file"), "{name}: {detail}"),
            other => panic!("{name}: {other:?}"),
        }
    }
    let (_sandbox, work) = Sandbox::init("w", &[]);
    commit(&work, "1");
    make_pipe(&work.join(".git/refs/heads/main"));
    assert!(matches!(open(&work).head(), Err(Error::Refused { .. })));
}

#[cfg(unix)]
pub(crate) fn make_pipe(path: &Path) {
    let _ = std::fs::remove_file(path);
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn damaged_objects_and_configuration_are_errors_that_say_where() {
    let (_sandbox, work) = Sandbox::init("w", &[]);
    write(&work, "a.py", "x\n");
    let id = commit(&work, "1");
    let blob = git(&work, &["rev-parse", "HEAD:a.py"]);
    let file = work.join(".git/objects").join(&blob[..2]).join(&blob[2..]);
    remove(&file);
    assert_eq!(open(&work).text_at(&id, "a.py").unwrap(), Content::Absent);
    std::fs::write(&file, b"not zlib").unwrap();
    let error = open(&work).text_at(&id, "a.py").unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot read git object {blob}: ")), "{error}");
    std::fs::write(work.join(".git/config"), "[core\nbroken").unwrap();
    let error = Repo::discover(&work).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot open the git repository at {}: ", work.display())), "{error}");
}

fn remove(path: &Path) {
    std::fs::remove_file(path).unwrap();
}
