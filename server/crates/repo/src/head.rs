//! Where HEAD is.

use std::path::Path;

use gix::refs::TargetRef;

use crate::Error;
use crate::error::chain;
use crate::guard::{self, GitDirs};

/// Git follows this many names from HEAD to a commit.
const MAX_SYMBOLIC: usize = 5;
const MAX_REF_FILE: u64 = 1 << 16;

/// The checked-out commit and branch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    /// Commit id in hex; `None` before the first commit.
    pub commit: Option<String>,
    /// Short branch name (`main`); `None` when HEAD is detached.
    pub branch: Option<String>,
}

/// Where following a name through references ended.
pub(crate) enum Reference {
    /// At an object (a commit, or the object of an annotated tag).
    Object {
        id: gix::ObjectId,
        /// The short name that the first one stands for, when it is symbolic.
        target: Option<String>,
    },
    /// The name stands for another, which is of nothing yet: a branch without a commit.
    Unborn { target: String },
    /// There is no such name.
    Missing,
}

pub(crate) fn read(repo: &gix::Repository, root: &Path, dirs: &GitDirs) -> Result<Head, Error> {
    Ok(match follow(repo, root, dirs, "HEAD")? {
        Reference::Object { id, target } => Head { commit: Some(id.to_string()), branch: target },
        Reference::Unborn { target } => Head { commit: None, branch: Some(target) },
        Reference::Missing => Head::default(),
    })
}

/// Follows a full reference name (`HEAD`, `refs/heads/main`) to an object.
pub(crate) fn follow(repo: &gix::Repository, root: &Path, dirs: &GitDirs, first: &str) -> Result<Reference, Error> {
    if dirs.common.join("reftable").is_dir() {
        return Err(Error::Unsupported { path: root.to_path_buf(), feature: "the reftable ref format" });
    }
    let failed = |detail| Error::Open { path: root.to_path_buf(), detail };
    let mut name = first.to_owned();
    let mut target: Option<String> = None;
    // Followed step by step, since each file is looked at before the library opens it and waits on what it finds.
    for _ in 0..=MAX_SYMBOLIC {
        for dir in [&dirs.private, &dirs.common] {
            let file = dir.join(&name);
            // A folder there is ordinary: the branch `a` was deleted and `a/b` exists.
            if !file.is_dir() {
                guard::check(&file, MAX_REF_FILE)
                    .map_err(|detail| Error::Refused { path: root.to_path_buf(), detail })?;
            }
        }
        let found = repo.try_find_reference(name.as_str()).map_err(|error| failed(chain(&error)))?;
        // A partial name would be completed by rules of the library's own.
        let Some(reference) = found.filter(|found| found.name().as_bstr() == name.as_str()) else {
            return Ok(target.map_or(Reference::Missing, |target| Reference::Unborn { target }));
        };
        match reference.target() {
            TargetRef::Object(id) => return Ok(Reference::Object { id: id.to_owned(), target }),
            TargetRef::Symbolic(next) => {
                target.get_or_insert_with(|| next.shorten().to_string());
                name = next.as_bstr().to_string();
            }
        }
    }
    Err(failed(format!("{first} leads through more than {MAX_SYMBOLIC} names")))
}
