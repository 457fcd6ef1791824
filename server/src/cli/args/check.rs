//! What can be typed after `check`.

use std::path::PathBuf;

use clap::ValueEnum;

/// Shown behind the options of `check`.
pub(in crate::cli) const CHECK_AFTER: &str = "\
Exit codes, the first that holds:
  2  wrong usage or configuration
  1  violations
  3  no data, too old, or undecidable
  0  pass

What the change itself alters of the gate's inputs (aspm.toml, .aspm/, a policy or a
scan log in the repository) does not count until it is merged.";

/// Options of `check`.
#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option that is typed")]
pub(in crate::cli) struct CheckArgs {
    /// Judge these files or folders as they are on disk
    #[arg(conflicts_with_all = ["all", "staged", "diff"])]
    pub(in crate::cli) paths: Vec<PathBuf>,
    /// Judge the whole tree as it is on disk; the default
    #[arg(long, conflicts_with_all = ["staged", "diff", "hook"])]
    pub(in crate::cli) all: bool,
    /// Judge what the next commit will hold: the index, not the disk
    #[arg(long, conflicts_with_all = ["diff", "hook"])]
    pub(in crate::cli) staged: bool,
    /// Judge what HEAD has beyond its merge base with BASE
    #[arg(long, value_name = "BASE", conflicts_with = "hook")]
    pub(in crate::cli) diff: Option<String>,
    /// Judge what pre-commit asks about: its refs, else the index, else the paths
    #[arg(long)]
    pub(in crate::cli) hook: bool,
    /// For people, programs or platforms
    #[arg(long, value_enum, default_value_t = CheckFormat::Human)]
    pub(in crate::cli) format: CheckFormat,
    /// The mildest verdict that fails
    #[arg(long, value_enum, default_value_t = FailOn::Block)]
    pub(in crate::cli) fail_on: FailOn,
    /// Older data decides nothing: 30m, 12h, 7d
    #[arg(long, value_name = "DURATION", value_parser = duration, overrides_with = "max_age")]
    pub(in crate::cli) max_age: Option<jiff::SignedDuration>,
    /// What to do when nobody can say
    #[arg(long, value_enum, default_value_t = NoData::Fail, overrides_with = "no_data")]
    pub(in crate::cli) no_data: NoData,
    /// Read sources and policy anew first; else the network is never used
    #[arg(long)]
    pub(in crate::cli) sync: bool,
    /// The time to judge at, for tests: RFC 3339
    #[arg(long, hide = true, value_name = "TIME")]
    pub(in crate::cli) now: Option<jiff::Timestamp>,
}

/// How `check` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum CheckFormat {
    /// What blocks, why, and the way out
    Human,
    /// One object; its schema: aspm-lsp schema check
    Json,
    /// SARIF 2.1.0 with verdicts
    Sarif,
    /// GitHub workflow commands: annotations on the change
    Github,
    /// GitLab code quality report
    Gitlab,
    /// Test results as `JUnit` writes them
    Junit,
}

/// What fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FailOn {
    /// Violations only
    Block,
    /// Warnings too
    Warn,
}

/// What happens without data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum NoData {
    /// Exit 3
    Fail,
    /// Say so in full and exit 0
    Warn,
}

fn duration(text: &str) -> Result<jiff::SignedDuration, String> {
    let wrong = || format!("{text:?} is no duration: a number and s, m, h, d or w, such as 12h");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let number: i64 = text[..text.len() - unit.len_utf8()].trim().parse().map_err(|_| wrong())?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let whole = number.checked_mul(seconds).filter(|whole| *whole >= 0).ok_or_else(wrong)?;
    Ok(jiff::SignedDuration::from_secs(whole))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_duration_is_a_number_and_a_unit() {
        for (text, seconds) in [("90s", 90), ("30m", 1_800), ("12h", 43_200), ("7d", 604_800), ("2w", 1_209_600)] {
            assert_eq!(duration(text).expect(text).as_secs(), seconds);
        }
        for wrong in ["", "h", "12", "1.5h", "-1h", "12x", "9223372036854775807w", "1\u{e9}"] {
            assert!(duration(wrong).is_err(), "{wrong:?}");
        }
    }
}
