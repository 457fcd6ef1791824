//! How bad and how sure, from the many places where tools say it.

use finding::{Confidence, Severity};

use super::schema::Properties;

/// SARIF's `level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    None,
    Note,
    Warning,
    Error,
}

/// Reads a level; `None` for a word the standard does not know.
pub(super) fn level(word: &str) -> Option<Level> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "none" => Level::None,
        "note" => Level::Note,
        "warning" => Level::Warning,
        "error" => Level::Error,
        _ => return None,
    })
}

impl Level {
    pub(super) fn severity(self) -> Severity {
        match self {
            Self::None => Severity::Info,
            Self::Note => Severity::Low,
            Self::Warning => Severity::Medium,
            Self::Error => Severity::High,
        }
    }
}

/// What a property bag says of severity: a score, Bandit's word, or another tool's word.
pub(super) fn of_properties(bag: Option<&Properties>) -> Option<Severity> {
    let bag = bag?;
    let score = bag.security_severity.as_deref();
    score
        .and_then(|score| number(score).and_then(Severity::from_score).or_else(|| word(score)))
        .or_else(|| bag.cvss_v3.and_then(Severity::from_score))
        .or_else(|| bag.issue_severity.as_deref().and_then(word))
        .or_else(|| bag.severity.as_deref().and_then(word))
}

/// The score a property bag carries, 0–10.
pub(super) fn score(bag: Option<&Properties>) -> Option<f64> {
    let bag = bag?;
    let written = bag.security_severity.as_deref().and_then(number);
    bag.cvss_v3.or(written).filter(|score| (0.0..=10.0).contains(score))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok()
}

fn word(word: &str) -> Option<Severity> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "critical" | "blocker" => Severity::Critical,
        "high" | "major" | "error" => Severity::High,
        "medium" | "moderate" | "warning" => Severity::Medium,
        "low" | "minor" | "note" => Severity::Low,
        "info" | "informational" | "information" | "negligible" | "none" => Severity::Info,
        _ => return None,
    })
}

/// What a property bag says of the tool's confidence. Semgrep's tag is looked at before `precision`, which Semgrep sets
/// to `very-high` throughout.
pub(super) fn confidence(bag: Option<&Properties>) -> Option<Confidence> {
    let bag = bag?;
    let tagged = bag.tags.iter().find_map(|tag| confidence_word(tag.to_ascii_lowercase().strip_suffix(" confidence")?));
    let said = [&bag.issue_confidence, &bag.confidence, &bag.precision];
    tagged.or_else(|| said.into_iter().find_map(|word| confidence_word(word.as_deref()?)))
}

fn confidence_word(word: &str) -> Option<Confidence> {
    Some(match word.trim().to_ascii_lowercase().as_str() {
        "very-high" | "high" | "certain" | "firm" => Confidence::High,
        "medium" | "moderate" => Confidence::Medium,
        "low" | "tentative" => Confidence::Low,
        _ => return None,
    })
}

/// `rank` (0 to 100, how important) as a severity.
pub(super) fn of_rank(rank: Option<f64>) -> Option<Severity> {
    Severity::from_score(rank? / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_counts_before_a_word_and_nonsense_counts_nothing() {
        let bag = |score: Option<&str>, issue: Option<&str>| Properties {
            security_severity: score.map(str::to_owned),
            issue_severity: issue.map(str::to_owned),
            ..Properties::default()
        };
        for (score, issue, severity) in [
            (Some("9.8"), Some("LOW"), Some(Severity::Critical)),
            (Some("HIGH"), None, Some(Severity::High)),
            (Some("99"), Some("LOW"), Some(Severity::Low)),
            (Some("NaN"), None, None),
            (None, Some("UNDEFINED"), None),
            (None, Some("MEDIUM"), Some(Severity::Medium)),
        ] {
            assert_eq!(of_properties(Some(&bag(score, issue))), severity, "{score:?} {issue:?}");
        }
    }

    #[test]
    fn semgreps_tag_is_believed_before_its_precision() {
        let bag = Properties {
            tags: vec!["security".into(), "LOW CONFIDENCE".into()],
            precision: Some("very-high".into()),
            ..Properties::default()
        };
        assert_eq!(confidence(Some(&bag)), Some(Confidence::Low));
        assert_eq!(confidence(Some(&Properties { tags: Vec::new(), ..bag })), Some(Confidence::High));
    }
}
