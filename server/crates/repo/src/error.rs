//! What can go wrong in a repository, in words for the person at the editor.

use std::path::PathBuf;

/// Errors of this crate. A missing commit, path or object is an answer ([`crate::Content`]), not an error, except
/// where the question makes no sense without it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The repository was found, and reading its head, configuration or layout failed.
    #[error("cannot open the git repository at {}: {detail}. Check it with `git status` there", path.display())]
    Open {
        /// The work tree root.
        path: PathBuf,
        /// The library's reason.
        detail: String,
    },
    /// The repository contains something we refuse to touch (a pipe where a file belongs, a network path…).
    #[error("refusing the git repository at {}: {detail}", path.display())]
    Refused {
        /// The work tree root.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// A feature of git that is not supported.
    #[error("the git repository at {} uses {feature}, which is not supported: findings are placed without history", path.display())]
    Unsupported {
        /// The work tree root.
        path: PathBuf,
        /// The feature's name.
        feature: &'static str,
    },
    /// The commit is not in this repository.
    #[error("commit {id} is not in this repository. If the clone is shallow, `git fetch --unshallow` brings it")]
    NoCommit {
        /// The id as asked for.
        id: String,
    },
    /// A revision given by a person names no commit here.
    #[error("no commit is called {rev} here: {detail}")]
    NoRevision {
        /// The revision as asked for.
        rev: String,
        /// Why, and what may be done.
        detail: String,
    },
    /// The index is there and cannot be understood.
    #[error("cannot read the index of the git repository at {}: {detail}. Check it with `git status` there", path.display())]
    Index {
        /// The work tree root.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A file of the work tree is there and cannot be read.
    #[error("cannot read {}: {detail}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        detail: String,
    },
    /// An object is there and cannot be read.
    #[error("cannot read git object {id}: {detail}. `git fsck` tells more")]
    Object {
        /// The object's id in hex.
        id: String,
        /// The library's reason.
        detail: String,
    },
    /// A file or folder could not be read or written.
    #[error("cannot access {}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// [`crate::history::create_repository`] was given something it cannot make a repository from.
    #[error("cannot create the repository at {}: {detail}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// What is wrong with it or with the commits.
        detail: String,
    },
}

impl Error {
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(crate) fn object(id: impl std::fmt::Display) -> impl FnOnce(gix::Error) -> Self {
        let id = id.to_string();
        move |error| Self::Object { id, detail: chain(&error) }
    }
}

/// The whole chain of reasons in one line: the library's outermost message alone often names no cause.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        next = cause.source();
    }
    text.replace('\n', " ")
}
