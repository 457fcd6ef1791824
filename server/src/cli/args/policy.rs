//! What can be typed after `policy`, `sync` and `init`.

use std::path::PathBuf;

use clap::Subcommand;

/// What to do with policy.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum PolicyCommand {
    /// Which policies are in force here, from where, signed by whom
    Show,
    /// Why a finding's verdict is what it is: every factor, every clause
    Explain {
        /// The finding's id, or the start of it
        id: String,
    },
    /// Run a policy's own tests; without a path, those of the built-in one
    Test {
        /// The bundle: a folder or a .tar.gz
        path: Option<PathBuf>,
    },
    /// Make a bundle of a folder, signed if a key is given
    Build {
        /// The folder
        folder: PathBuf,
        /// Where to write it
        #[arg(long, short, value_name = "FILE", default_value = "bundle.tar.gz")]
        output: PathBuf,
        /// What this state of the policy is called
        #[arg(long)]
        revision: Option<String>,
        /// A number that never decreases; an older bundle is refused as a replay
        #[arg(long)]
        sequence: Option<u64>,
        /// File with the private key, PEM
        #[arg(long, value_name = "FILE", requires = "key_id")]
        key: Option<PathBuf>,
        /// The key's id, as the users' configuration names it
        #[arg(long, value_name = "ID", requires = "key")]
        key_id: Option<String>,
        /// Signature algorithm
        #[arg(long, value_name = "NAME", default_value = "RS256", requires = "key")]
        algorithm: String,
    },
    /// Read the policy bundles anew, over the network where they are there
    Pull,
}

/// Options of `sync`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct SyncArgs {
    /// Read everything, not only what changed; finds what was deleted
    #[arg(long)]
    pub(in crate::cli) full: bool,
}

/// Below the help of `init`.
pub(in crate::cli) const INIT_AFTER: &str = "\
With a server at hand (`aspm-lsp login URL`), its products are listed, those
that name this repository first, and the one you choose is written into
aspm.toml. What is in the file already stays, comments too.

Exit codes:
  0  written, or it says so already
  1  the server could not be reached or failed
  2  wrong usage or configuration, or a choice that only you can make";

/// Options of `init`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArgs {
    /// Write a hook entry into .pre-commit-config.yaml
    #[arg(long, conflicts_with_all = ["server", "product", "engagement", "yes", "offline"])]
    pub(in crate::cli) pre_commit: bool,
    /// The server to ask, one that `login` or your configuration lists
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) server: Option<String>,
    /// The product there that holds this repository
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) product: Option<String>,
    /// Its one engagement to read; else all that belong to this repository
    #[arg(long, value_name = "NAME", requires = "product")]
    pub(in crate::cli) engagement: Option<String>,
    /// Take the one product that names this repository, without asking
    #[arg(long, short)]
    pub(in crate::cli) yes: bool,
    /// Ask no server: a starter aspm.toml only
    #[arg(long, conflicts_with_all = ["server", "product", "engagement", "yes"])]
    pub(in crate::cli) offline: bool,
}
