//! What can go wrong with a policy, in words for whoever wrote it.

use std::fmt;
use std::time::Duration;

/// A place in a Rego file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    /// Path inside the bundle.
    pub file: String,
    /// From 1.
    pub line: u32,
    /// From 1; in characters.
    pub column: u32,
    /// That line of the file, cut to 200 characters.
    pub text: String,
}

impl Spot {
    /// With the line's text taken from the file's.
    pub(crate) fn new(file: &str, contents: &str, line: u32, column: u32) -> Self {
        let text = contents.lines().nth((line.max(1) - 1) as usize).unwrap_or("").trim();
        Self { file: file.to_owned(), line, column, text: text.chars().take(200).collect() }
    }
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)
    }
}

/// Why a policy cannot be used, or could not decide. Never a reason to allow anything. Its `Display` is one line;
/// [`Error::spot`] gives the line of Rego to show under it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A file is not Rego, or Rego refuses it.
    #[error("policy {origin}: {}{message}", .spot.as_deref().map(ToString::to_string).unwrap_or_default())]
    Rego {
        /// Where the policy came from.
        origin: String,
        /// Where in it.
        spot: Option<Box<Spot>>,
        /// What is wrong.
        message: String,
    },
    /// Something that a policy may not do: see the message.
    #[error("policy {origin}: {spot}{}{message}", .rule.as_ref().map(|rule| format!("in {rule}: ")).unwrap_or_default())]
    Refused {
        /// Where the policy came from.
        origin: String,
        /// Where in it.
        spot: Box<Spot>,
        /// The rule that does it.
        rule: Option<String>,
        /// What it does and what to do instead.
        message: String,
    },
    /// The bundle does not fit together: roots, shadowed names, settings.
    #[error("policy {origin}: {message}")]
    Bundle {
        /// Where the policy came from.
        origin: String,
        /// What is wrong and what to do.
        message: String,
    },
    /// Too many or too large modules, data or inputs.
    #[error("policy {origin}: {what} is larger than {limit}")]
    TooLarge {
        /// Where the policy came from.
        origin: String,
        /// What is too large.
        what: String,
        /// The bound, with its unit.
        limit: String,
    },
    /// A rule failed while it ran.
    #[error("policy {origin}: {rule} failed: {}{message}", .spot.as_deref().map(ToString::to_string).unwrap_or_default())]
    Failed {
        /// Where the policy came from.
        origin: String,
        /// The rule that was asked for.
        rule: String,
        /// Where it failed.
        spot: Option<Box<Spot>>,
        /// What failed.
        message: String,
    },
    /// A rule took too long; also what is answered for the rest of a batch after several such.
    #[error("policy {origin}: {rule} did not finish within {} ms", .limit.as_millis())]
    TimeLimit {
        /// Where the policy came from.
        origin: String,
        /// The rule that was asked for.
        rule: String,
        /// How long it had.
        limit: Duration,
    },
    /// A rule has no value for this input.
    #[error("policy {origin}: {rule} is undefined for this input: no clause of it applies")]
    Undefined {
        /// Where the policy came from.
        origin: String,
        /// The rule that was asked for.
        rule: String,
    },
    /// A rule answered something else than it must.
    #[error("policy {origin}: {rule} gave a wrong answer: {field} {problem}")]
    Answer {
        /// Where the policy came from.
        origin: String,
        /// The rule that was asked for.
        rule: String,
        /// The part of the answer.
        field: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An input cannot be judged.
    #[error("{what}")]
    Input {
        /// What is wrong with it.
        what: String,
    },
    /// The caller no longer wants the answer.
    #[error("the evaluation was cancelled")]
    Cancelled,
    /// The evaluator itself failed.
    #[error("policy {origin}: the Rego evaluator failed ({message}); please report this")]
    Internal {
        /// Where the policy came from.
        origin: String,
        /// What it said.
        message: String,
    },
}

impl Error {
    /// The line of Rego that it is about.
    #[must_use]
    pub fn spot(&self) -> Option<&Spot> {
        match self {
            Self::Rego { spot, .. } | Self::Failed { spot, .. } => spot.as_deref(),
            Self::Refused { spot, .. } => Some(spot),
            _ => None,
        }
    }
}

/// Takes the evaluator's own text apart: `--> file:line:column`, the line, `error: message`.
pub(crate) fn spot_of(text: &str) -> (Option<Box<Spot>>, String) {
    let mut spot = None;
    let mut message = None;
    for line in text.lines() {
        if spot.is_none()
            && let Some(place) = line.trim_start().strip_prefix("--> ")
        {
            let mut parts = place.rsplitn(3, ':');
            let column = parts.next().and_then(|part| part.parse().ok());
            let row = parts.next().and_then(|part| part.parse().ok());
            if let (Some(column), Some(line), Some(file)) = (column, row, parts.next()) {
                spot = Some(Spot { file: file.to_owned(), line, column, text: String::new() });
            }
        } else if let Some(said) = line.strip_prefix("error: ") {
            message.get_or_insert_with(|| said.to_owned());
        } else if let Some(spot) = spot.as_mut().filter(|spot: &&mut Spot| spot.text.is_empty())
            && let Some((number, source)) = line.split_once('|')
            && number.trim() == spot.line.to_string()
        {
            spot.text = source.trim().chars().take(200).collect();
        }
    }
    let message = message.unwrap_or_else(|| text.lines().find(|line| !line.trim().is_empty()).unwrap_or("").to_owned());
    (spot.map(Box::new), message.trim().chars().take(400).collect())
}
