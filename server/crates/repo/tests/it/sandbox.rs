//! A temporary folder and a git that reads no configuration but the repository's.

use std::path::{Path, PathBuf};
use std::process::Command;

use aspm_repo::Repo;
use tempfile::TempDir;

pub(crate) struct Sandbox {
    dir: TempDir,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A repository `name` on branch `main`, without commits.
    pub(crate) fn init(name: &str, extra: &[&str]) -> (Self, PathBuf) {
        let sandbox = Self::new();
        let work = sandbox.path(name);
        std::fs::create_dir(&work).unwrap();
        git(&work, &[&["init", "-q", "-b", "main"], extra].concat());
        (sandbox, work)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        // Physical, so that what git prints compares equal.
        self.dir.path().canonicalize().unwrap().join(name)
    }
}

/// Runs git in `dir` and gives its trimmed standard output; panics when it fails.
pub(crate) fn git(dir: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .current_dir(dir)
        .env_remove("GIT_DIR")
        .env_remove("GIT_INDEX_FILE")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"])
        .args(["-c", "safe.directory=*"])
        .args(arguments)
        .output()
        .expect("these tests need git");
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn write(dir: &Path, path: &str, content: impl AsRef<[u8]>) {
    let file = dir.join(path);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, content).unwrap();
}

/// Adds everything and commits; gives the id.
pub(crate) fn commit(dir: &Path, message: &str) -> String {
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", message]);
    git(dir, &["rev-parse", "HEAD"])
}

pub(crate) fn open(dir: &Path) -> Repo {
    Repo::discover(dir).unwrap().expect("a repository")
}
