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

/// Options of `init`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct InitArgs {
    /// Write a hook entry into .pre-commit-config.yaml
    #[arg(long)]
    pub(in crate::cli) pre_commit: bool,
}
