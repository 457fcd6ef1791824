//! A folder of its own for each test: home, cache and workspace, so that no test sees another or the user's files.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Removed with everything in it when dropped.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a run gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The example, unpacked as `shop`.
    pub(crate) fn with_demo() -> (Self, PathBuf) {
        let sandbox = Self::new();
        let shop = sandbox.path("shop");
        let ran = sandbox.run(&["demo", shop.to_str().unwrap()]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        (sandbox, shop)
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        // Scanned paths and git speak of the real folder.
        self.folder.path().canonicalize().unwrap().join(relative)
    }

    pub(crate) fn write(&self, relative: &str, text: &str) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs in the folder itself.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_in(&self.path(""), args)
    }

    pub(crate) fn run_in(&self, dir: &Path, args: &[&str]) -> Ran {
        self.ran(self.command(dir, args).stdin(Stdio::null()).output().unwrap())
    }

    /// As if on a terminal of so many columns.
    pub(crate) fn run_wide(&self, columns: usize, dir: &Path, args: &[&str]) -> Ran {
        let mut command = self.command(dir, args);
        self.ran(command.env("COLUMNS", columns.to_string()).stdin(Stdio::null()).output().unwrap())
    }

    /// With `input` on standard input.
    pub(crate) fn feed(&self, args: &[&str], input: &str) -> Ran {
        use std::io::Write as _;
        let mut child = self.command(&self.path(""), args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        self.ran(child.wait_with_output().unwrap())
    }

    pub(crate) fn command(&self, dir: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_aspm-lsp"));
        command.args(args).current_dir(dir).env_clear();
        command.env("HOME", self.path("home")).env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    #[expect(clippy::unused_self, reason = "reads like the others")]
    fn ran(&self, output: Output) -> Ran {
        Ran {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// `text` without what differs from run to run: this folder, ages, the build.
    pub(crate) fn scrubbed(&self, text: &str) -> String {
        text.replace(self.path("").to_str().unwrap().trim_end_matches('/'), "[FOLDER]")
    }
}

/// Ages change by the day.
pub(crate) const AGES: (&str, &str) = (r"(\d+ (minute|hour|day|week|month|year)s? ago|yesterday|just now)", "[AGO]");

/// Asserts the snapshot of a run's scrubbed text.
macro_rules! assert_scrubbed {
    ($name:literal, $sandbox:expr, $text:expr) => {
        insta::with_settings!({
            filters => vec![
                $crate::sandbox::AGES,
                (r"\d+ days old", "[N] days old"),
                (r"(\d+) files?, \d+ (kB|MB|bytes)", "[FILES], [SIZE]"),
                (r"aspm-lsp \d+\.\d+\.\d+ \(.*\)", "aspm-lsp [VERSION] ([PLATFORM])"),
            ],
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!($name, $sandbox.scrubbed($text));
        });
    };
}
pub(crate) use assert_scrubbed;
