//! A folder to work in, with a home, a cache and a git of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use url::Url;

/// A workspace; everything goes when it is dropped.
pub(crate) struct Workspace {
    folder: TempDir,
    base: PathBuf,
    pub(crate) root: PathBuf,
    cache: Option<PathBuf>,
    env: Vec<(&'static str, String)>,
}

impl Workspace {
    /// An empty folder that is no repository. Its name holds what URIs have to escape.
    pub(crate) fn bare() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let base = folder.path().canonicalize().expect("it exists");
        let root = base.join("the shop é");
        std::fs::create_dir_all(&root).expect("created");
        std::fs::create_dir_all(base.join("home")).expect("created");
        Self { folder, base, root, cache: None, env: Vec::new() }
    }

    /// A repository with these files committed.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let workspace = Self::bare();
        for (path, text) in files {
            workspace.write(path, text);
        }
        workspace.git(&["init", "--quiet", "--initial-branch=main"]);
        workspace.write(".git/info/exclude", ".aspm/\n");
        workspace.commit("start");
        workspace
    }

    /// A repository whose branch brings these files: `main` has nothing of them.
    pub(crate) fn introducing(files: &[(&str, &str)]) -> Self {
        let workspace = Self::new(&[("README.md", "shop\n")]);
        workspace.git(&["switch", "--quiet", "--create", "feature"]);
        for (path, text) in files {
            workspace.write(path, text);
        }
        workspace.commit("feature");
        workspace
    }

    /// Runs the command line in the root: exit code, standard output, standard error.
    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        self.run_with(arguments, &[])
    }

    /// The same with more in its environment.
    pub(crate) fn run_with(&self, arguments: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
        let mut command = self.command(arguments);
        command.envs(env.iter().copied());
        let output = command.stdin(std::process::Stdio::null()).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (output.status.code().unwrap_or(-1), text(&output.stdout), text(&output.stderr))
    }

    /// The command line in the root, to be started.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(super::process::binary());
        self.isolate(&mut command);
        command.current_dir(&self.root).args(arguments);
        command
    }

    /// The user's configuration, which the repository cannot touch.
    pub(crate) fn user_config(&self, text: &str) {
        let folder = self.home().join("config/aspm");
        std::fs::create_dir_all(&folder).expect("created");
        std::fs::write(folder.join("config.toml"), text).expect("written");
    }

    /// Uses another cache folder than the private one.
    pub(crate) fn with_cache(mut self, cache: &Path) -> Self {
        self.cache = Some(cache.to_path_buf());
        self
    }

    /// One more variable for every process.
    pub(crate) fn with_env(mut self, name: &'static str, value: &str) -> Self {
        self.env.push((name, value.to_owned()));
        self
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Outside the root.
    pub(crate) fn beside(&self, relative: &str) -> PathBuf {
        self.base.join(relative)
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.base.join("home")
    }

    pub(crate) fn cache(&self) -> PathBuf {
        self.cache.clone().unwrap_or_else(|| self.base.join("cache"))
    }

    /// Where what cannot be fetched again is kept.
    pub(crate) fn data(&self) -> PathBuf {
        let own = self.env.iter().find(|(name, _)| *name == "ASPM_DATA_DIR").map(|(_, value)| value.into());
        own.unwrap_or_else(|| self.base.join("data"))
    }

    /// The one cache that there is.
    pub(crate) fn database(&self) -> PathBuf {
        let entries = std::fs::read_dir(self.cache()).expect("a cache folder").flatten();
        let mut all = entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|end| end == "db"));
        let one = all.next().expect("a cache");
        assert_eq!(all.next(), None, "there is one cache");
        one
    }

    pub(crate) fn write(&self, relative: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("created");
        // As careful tools write: never a half file for a moment.
        let fresh = self.base.join("being-written");
        std::fs::write(&fresh, text).expect("written");
        std::fs::rename(&fresh, &path).expect("renamed");
        self
    }

    /// Writes a log where findings come from by default.
    pub(crate) fn log(&self, name: &str, log: &super::Log) -> &Self {
        self.write(&format!(".aspm/{name}.sarif"), log.to_string())
    }

    pub(crate) fn remove(&self, relative: &str) {
        std::fs::remove_file(self.path(relative)).expect("removed");
    }

    pub(crate) fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).expect("readable")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        self.isolate(&mut git);
        let output = git
            .arg("-C")
            .arg(&self.root)
            .args(["-c", "user.name=Dev", "-c", "user.email=dev@shop.example", "-c", "commit.gpgsign=false"])
            .args(arguments)
            .output()
            .expect("git runs");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "git {arguments:?}: {errors}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Commits everything; gives the commit's id.
    pub(crate) fn commit(&self, message: &str) -> String {
        self.git(&["add", "--all"]);
        self.git(&["commit", "--quiet", "--allow-empty", "--message", message]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(crate) fn uri(&self, relative: &str) -> String {
        uri_of(&self.path(relative))
    }

    pub(crate) fn root_uri(&self) -> String {
        uri_of(&self.root)
    }

    /// Nothing of the user's own account reaches the process.
    pub(crate) fn isolate(&self, command: &mut Command) {
        command.env_clear();
        for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        let home = self.home();
        for (name, path) in [
            ("HOME", home.clone()),
            ("USERPROFILE", home.clone()),
            ("XDG_CONFIG_HOME", home.join("config")),
            ("XDG_CACHE_HOME", home.join("cache")),
            ("XDG_DATA_HOME", home.join("data")),
            ("TMPDIR", self.folder.path().to_path_buf()),
            ("ASPM_CACHE_DIR", self.cache()),
            ("ASPM_DATA_DIR", self.base.join("data")),
        ] {
            command.env(name, path);
        }
        command.envs(self.env.iter().map(|(name, value)| (name, value)));
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("RUST_BACKTRACE", "1");
    }
}

pub(crate) fn uri_of(path: &Path) -> String {
    Url::from_file_path(path).expect("absolute").to_string()
}
