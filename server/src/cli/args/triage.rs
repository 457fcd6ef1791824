//! What can be typed after `triage` and `outbox`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};
use connectors::Action;

/// Shown behind the options of `triage`.
pub(in crate::cli) const TRIAGE_AFTER: &str = "\
All of what is asked for is written down or queued, or nothing of it. Policy is
asked first.

Exit codes:
  0  the source has confirmed it, it stands in .aspm/exceptions.yaml, it was so
     already, or it is queued as --queue asks
  1  not done: policy does not allow it, the source refused it, or the finding
     changed there meanwhile; what was queued is kept (aspm-lsp outbox list)
  2  wrong usage or configuration
  3  nobody can say whether policy allows it
  4  queued, but not confirmed: the source could not be reached; it is sent with
     the next aspm-lsp sync or by an editor";

/// Shown behind those of `outbox`.
pub(in crate::cli) const OUTBOX_AFTER: &str = "\
Exit codes of retry:
  0  the source has confirmed it
  1  it was refused again, or the finding changed once more
  4  it still waits: the source could not be reached";

/// Options of `triage`.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TriageArgs {
    /// Ids of findings, or the starts of them
    #[arg(required_unless_present_any = ["rule", "file"])]
    pub(in crate::cli) ids: Vec<String>,
    /// All findings of this rule; together with --file, of it in these files
    #[arg(long, conflicts_with = "ids")]
    pub(in crate::cli) rule: Option<String>,
    /// All findings of this file or folder; may be given several times
    #[arg(long, value_name = "PATH", conflicts_with = "ids")]
    pub(in crate::cli) file: Vec<PathBuf>,
    /// What the findings are
    #[arg(long, value_enum, required_unless_present_any = ["tag", "untag"])]
    pub(in crate::cli) status: Option<TriageStatus>,
    /// Add a tag; may be given several times; where the source takes triage
    #[arg(long, value_name = "TAG", conflicts_with_all = ["status", "untag"])]
    pub(in crate::cli) tag: Vec<String>,
    /// Take a tag away; likewise
    #[arg(long, value_name = "TAG", conflicts_with = "status")]
    pub(in crate::cli) untag: Vec<String>,
    /// Why; whoever approves it reads this
    #[arg(long, default_value = "", hide_default_value = true)]
    pub(in crate::cli) reason: String,
    /// The last day it counts: YYYY-MM-DD
    #[arg(long, value_name = "DATE")]
    pub(in crate::cli) until: Option<jiff::civil::Date>,
    /// Where it is tracked
    #[arg(long)]
    pub(in crate::cli) ticket: Option<String>,
    /// Only queue it: the next sync or an editor sends it
    #[arg(long)]
    pub(in crate::cli) queue: bool,
}

impl TriageArgs {
    /// What is asked for.
    pub(in crate::cli) fn action(&self) -> Action {
        match self.status {
            None if self.untag.is_empty() => Action::AddTags { tags: self.tag.clone() },
            None => Action::RemoveTags { tags: self.untag.clone() },
            Some(TriageStatus::FalsePositive) => Action::FalsePositive,
            Some(TriageStatus::Accept) => Action::AcceptRisk { until: self.until, accepted_by: None },
            Some(TriageStatus::OutOfScope) => Action::OutOfScope,
            Some(TriageStatus::Close) => Action::Close,
            Some(TriageStatus::Reopen) => Action::Reopen,
            Some(TriageStatus::Verify) => Action::Verify,
            Some(TriageStatus::Note) => Action::Note,
        }
    }
}

/// What a person says of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(in crate::cli) enum TriageStatus {
    /// Not a weakness
    FalsePositive,
    /// A known risk, accepted until a day
    Accept,
    /// Not this project's concern
    OutOfScope,
    /// Fixed; where the source takes triage
    Close,
    /// What was decided is taken back; likewise
    Reopen,
    /// Looked at, and real; likewise
    Verify,
    /// The reason is a remark, and nothing else; likewise
    Note,
}

/// What to do with triage that waits.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum OutboxCommand {
    /// What waits, what was refused and why
    List,
    /// Send one again, over what the server has now
    #[command(after_help = OUTBOX_AFTER)]
    Retry {
        /// Its name, or the start of it
        id: String,
    },
    /// Give one up
    Discard {
        /// Its name, or the start of it
        id: String,
    },
}
