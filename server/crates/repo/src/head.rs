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

pub(crate) fn read(repo: &gix::Repository, root: &Path, dirs: &GitDirs) -> Result<Head, Error> {
    if dirs.common.join("reftable").is_dir() {
        return Err(Error::Unsupported { path: root.to_path_buf(), feature: "the reftable ref format" });
    }
    let failed = |detail| Error::Open { path: root.to_path_buf(), detail };
    let mut head = Head::default();
    let mut name = "HEAD".to_owned();
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
        let Some(reference) = found else { return Ok(head) };
        match reference.target() {
            TargetRef::Object(id) => {
                head.commit = Some(id.to_string());
                return Ok(head);
            }
            TargetRef::Symbolic(next) => {
                head.branch.get_or_insert_with(|| next.shorten().to_string());
                name = next.as_bstr().to_string();
            }
        }
    }
    Err(failed(format!("HEAD leads through more than {MAX_SYMBOLIC} names")))
}
