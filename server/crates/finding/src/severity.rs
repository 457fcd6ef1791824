//! How bad a finding is, and how sure the tool was.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Severity as the platforms use it; ordered, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, Default)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing, not a weakness by itself.
    Info,
    /// Low.
    Low,
    /// Medium; also what a tool that names no severity gets.
    #[default]
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// All values, mildest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// Severity of a CVSS v3 style score 0.0–10.0 (FIRST, CVSS v3.1 section 5); also GitHub's reading of
    /// SARIF's `security-severity` property. `None` outside that span.
    #[must_use]
    pub fn from_score(score: f64) -> Option<Self> {
        Some(match score {
            s if !(0.0..=10.0).contains(&s) => return None,
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ => Self::Info,
        })
    }

    /// The word for people.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// The tool's own confidence in a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Often wrong.
    Low,
    /// Mixed.
    Medium,
    /// Rarely wrong.
    High,
}
