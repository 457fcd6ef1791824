//! What the source said when the page was asked for, where that is news.

use std::sync::Arc;

use finding::{Finding, StatusValue};

use super::{Subject, facts, sentence};
use crate::present::age::age;
use crate::present::document::Span;
use crate::present::safe;

/// How it was to ask the source for one finding as it is now.
#[derive(Debug, Clone, PartialEq)]
pub enum Asked {
    /// It is as shown; `was`: as it was known before, where that is another.
    Now {
        /// Before.
        was: Option<Arc<Finding>>,
    },
    /// The source has it no more, or not for this account.
    Gone,
    /// No answer yet.
    Waiting {
        /// The page is written again when the answer comes.
        is_followed: bool,
    },
    /// The source could not be asked; a sentence for people.
    Failed(String),
}

/// A line for each subject whose source had something to say.
pub(super) fn lines(subjects: &[Subject<'_>]) -> Vec<Vec<Span>> {
    subjects.iter().filter_map(line).collect()
}

fn line(subject: &Subject<'_>) -> Option<Vec<Span>> {
    let source = safe::line(&subject.finding.source);
    let read = subject.synced_at.and_then(|when| age(subject.now, when));
    let read = read.map(|age| format!(" What is shown was read {age}.")).unwrap_or_default();
    let (strong, rest) = match subject.asked? {
        Asked::Now { was: None } => return None,
        Asked::Now { was: Some(was) } => {
            (changed(&source, was.status.value, subject.finding.status.value), String::new())
        }
        Asked::Gone => {
            let rest = format!("It was deleted there, or your account may not see it.{read}");
            (format!("Not at {source} any more."), rest)
        }
        Asked::Waiting { is_followed } => {
            let rest = if *is_followed { "This page is written again if the answer changes it." } else { "" };
            (format!("{source} has not answered yet."), format!("{rest}{read}"))
        }
        Asked::Failed(why) => {
            let why = safe::line(why);
            let stop = if why.ends_with('.') { "" } else { "." };
            (format!("{source} could not be asked."), format!("{why}{stop}{read}"))
        }
    };
    let mut spans = vec![Span::strong(strong)];
    if !rest.is_empty() {
        spans.push(Span::text(" "));
        spans.extend(sentence(&rest));
    }
    Some(spans)
}

fn changed(source: &str, was: StatusValue, now: StatusValue) -> String {
    match (was, now) {
        (was, now) if was == now => format!("Changed at {source} since it was last read here."),
        (_, StatusValue::Open) => format!("Open again at {source} since it was last read here."),
        (_, StatusValue::Mitigated) => format!("Closed at {source} since it was last read here: mitigated."),
        (_, now) => format!("Decided at {source} since it was last read here: {}.", facts::status_word(now)),
    }
}
