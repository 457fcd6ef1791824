//! Writes new repositories with a linear history: for the demo, and for tests that must not depend on a git binary.
//!
//! Same commits, author and folder contents in, same commit ids out, on every machine and at any time.

use std::collections::BTreeMap;
use std::path::Path;

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;
use gix::refs::transaction::{PreviousValue, RefEdit};
use gix::{ObjectId, actor};

use crate::Error;
use crate::error::chain;

/// One commit: what it changes, and when.
#[derive(Debug, Clone, Copy)]
pub struct Commit<'a> {
    /// Files added or replaced: path (relative, `/` as separator) and content.
    pub files: &'a [(&'a str, &'a [u8])],
    /// Files removed; each must exist.
    pub removed: &'a [&'a str],
    /// The message.
    pub message: &'a str,
    /// Author and committer date in seconds since 1970, UTC.
    pub time_unix: i64,
}

/// Who wrote the commits.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// Full name.
    pub name: &'a str,
    /// E-mail address.
    pub email: &'a str,
}

/// Creates a repository in `dir` (which must be empty or not exist) with `commits` on the branch `main`, the last one
/// checked out and the index in agreement. Gives the commit ids in hex, oldest first.
///
/// No hooks, no templates, no configuration of the user, SHA-1 objects.
pub fn create_repository(dir: &Path, commits: &[Commit<'_>], author: Author<'_>) -> Result<Vec<String>, Error> {
    let wrong = |detail: String| Error::Create { path: dir.to_path_buf(), detail };
    let states = states(commits).map_err(wrong)?;
    if author.name.is_empty() || [author.name, author.email].iter().any(|text| text.contains(['<', '>', '\n', '\0'])) {
        return Err(wrong(
            "the author's name must not be empty, nor name or address contain <, > or a line end".into(),
        ));
    }
    write_skeleton(dir)?;
    let failed = |error: gix::Error| wrong(chain(&error));
    let repo = crate::discover::options().open(dir).map_err(failed)?.to_thread_local();

    let mut ids: Vec<ObjectId> = Vec::with_capacity(commits.len());
    let mut tree = ObjectId::empty_tree(repo.object_hash());
    for commit in commits {
        tree = write_tree(&repo, tree, commit).map_err(failed)?;
        let time = format!("{} +0000", commit.time_unix);
        let who = actor::SignatureRef { name: author.name.into(), email: author.email.into(), time: &time };
        let message = format!("{}\n", commit.message.trim_end_matches('\n'));
        ids.push(repo.new_commit_as(who, who, message, tree, ids.last().copied()).map_err(failed)?.id);
    }
    if let (Some(tip), Some(last)) = (ids.last(), commits.last()) {
        let name = gix::refs::FullName::try_from("refs/heads/main").map_err(|error| wrong(error.to_string()))?;
        let edit = RefEdit::update(name, *tip, PreviousValue::MustNotExist, "commit (initial): created");
        let time = format!("{} +0000", last.time_unix);
        let who = actor::SignatureRef { name: author.name.into(), email: author.email.into(), time: &time };
        repo.edit_references_as(Some(edit), Some(who)).map_err(failed)?;
    }
    if let Some(state) = states.last() {
        check_out(dir, state)?;
        write_index(&repo, dir, tree).map_err(failed)?;
    }
    Ok(ids.iter().map(ToString::to_string).collect())
}

type State<'a> = BTreeMap<&'a str, &'a [u8]>;

/// The files after each commit, or what is wrong with the commits.
fn states<'a>(commits: &[Commit<'a>]) -> Result<Vec<State<'a>>, String> {
    let mut now = State::new();
    let mut states = Vec::with_capacity(commits.len());
    for (commit, number) in commits.iter().zip(1..) {
        for path in commit.removed {
            now.remove(path).ok_or_else(|| format!("commit {number} removes {path}, which is not there"))?;
        }
        for (path, content) in commit.files {
            if !is_plain_path(path) {
                return Err(format!("commit {number}: {path} is not a plain relative path"));
            }
            now.insert(path, content);
        }
        for path in now.keys() {
            let mut folders = path.match_indices('/').map(|(end, _)| &path[..end]);
            if let Some(both) = folders.find(|folder| now.contains_key(folder)) {
                return Err(format!("commit {number}: {both} is both a file and a folder"));
            }
        }
        states.push(now.clone());
    }
    Ok(states)
}

fn is_plain_path(path: &str) -> bool {
    !path.contains(['\\', ':', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | "..") && !part.eq_ignore_ascii_case(".git"))
}

fn write_skeleton(dir: &Path) -> Result<(), Error> {
    let make = |path: &Path| std::fs::create_dir_all(path).map_err(Error::io(path));
    let write = |path: &Path, text: &str| std::fs::write(path, text).map_err(Error::io(path));
    make(dir)?;
    if std::fs::read_dir(dir).map_err(Error::io(dir))?.next().is_some() {
        return Err(Error::Create { path: dir.to_path_buf(), detail: "the folder is not empty".to_owned() });
    }
    let git = dir.join(".git");
    for folder in ["objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        make(&git.join(folder))?;
    }
    write(&git.join("HEAD"), "ref: refs/heads/main\n")?;
    // Files are written byte for byte, so no conversion of line ends may make git see a change.
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = {}\n\tbare = false\n\tlogallrefupdates = true\n\tautocrlf = false\n",
        cfg!(unix)
    );
    write(&git.join("config"), &config)
}

fn write_tree(repo: &gix::Repository, tree: ObjectId, commit: &Commit<'_>) -> Result<ObjectId, gix::Error> {
    let mut editor = repo.edit_tree(tree)?;
    for path in commit.removed {
        editor.remove(path.as_bytes().as_bstr())?;
    }
    for (path, content) in commit.files {
        let blob = repo.write_blob(content)?;
        editor.upsert(path.as_bytes().as_bstr(), EntryKind::Blob, blob)?;
    }
    Ok(editor.write()?.detach())
}

fn check_out(dir: &Path, state: &State<'_>) -> Result<(), Error> {
    for (path, content) in state {
        let file = dir.join(path);
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        std::fs::write(&file, content).map_err(Error::io(&file))?;
    }
    Ok(())
}

/// The index of `tree` with the files' own times and sizes, so git need not read them to see that nothing changed.
fn write_index(repo: &gix::Repository, dir: &Path, tree: ObjectId) -> Result<(), gix::Error> {
    let mut index = repo.index_from_tree(&tree)?;
    for (entry, path) in index.entries_mut_with_paths() {
        let file = dir.join(path.to_str_lossy().as_ref());
        // Without them git compares contents once: slower, no less right.
        let meta = gix::index::fs::Metadata::from_path_no_follow(&file);
        if let Some(stat) = meta.ok().and_then(|meta| gix::index::entry::Stat::from_fs(&meta).ok()) {
            entry.stat = stat;
        }
    }
    index.write(gix::index::write::Options::default())
}
