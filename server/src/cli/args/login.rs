//! What can be typed after `login` and `logout`.

use clap::ValueEnum;

/// Shown behind the options of `login`.
pub(in crate::cli) const LOGIN_AFTER: &str = "\
Without --token-stdin and --user, the token is asked for and not shown. It is
checked, then kept; the server is then listed in your configuration
($ASPM_CONFIG, else ~/.config/aspm/config.toml), which allows requests to it.

Exit codes:
  0  signed in
  1  the server could not be reached or failed
  2  wrong usage, configuration or credential";

/// Options of `login`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LoginArgs {
    /// The server's address, with https:// in front
    pub(in crate::cli) url: String,
    /// Read the token from standard input, one line
    #[arg(long, conflicts_with = "user")]
    pub(in crate::cli) token_stdin: bool,
    /// Get a token for this user; the password is asked for, or read from
    /// standard input, and not kept
    #[arg(long, value_name = "NAME", verbatim_doc_comment)]
    pub(in crate::cli) user: Option<String>,
    /// Where to keep the token; else as configured, else in the keyring
    #[arg(long, value_enum)]
    pub(in crate::cli) store: Option<StorePlace>,
    /// What answers there
    #[arg(long, value_enum, default_value_t = ServerKind::Defectdojo)]
    pub(in crate::cli) kind: ServerKind,
    /// A token that somebody wrote behind the URL: taken so that no error repeats it.
    #[arg(hide = true, value_name = "TOO_MUCH")]
    pub(in crate::cli) too_much: Vec<String>,
    /// Likewise.
    #[arg(long, alias = "password", hide = true, num_args = 0..)]
    pub(in crate::cli) token: Option<Vec<String>>,
}

/// Options of `logout`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LogoutArgs {
    /// The server's address, with https:// in front
    pub(in crate::cli) url: String,
}

/// Where a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum StorePlace {
    /// The keyring of the operating system
    Keyring,
    /// A file that only you can read, in the data folder
    File,
}

/// Kinds of server that a token can be checked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ServerKind {
    /// DefectDojo
    Defectdojo,
}
