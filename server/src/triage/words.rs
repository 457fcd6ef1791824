//! What became of triage, in sentences.

use super::{Done, FILE, Fate, Item, Refused, Said};
use crate::driver::words as action_words;
use crate::present::{page, safe};

/// Findings told one by one.
const MOST_TOLD: usize = 10;

/// A line for each finding (the first ten), then a sentence for all where they are several.
pub(crate) fn lines(done: &Done, said: &Said) -> Vec<String> {
    let mut lines: Vec<String> = done.items.iter().take(MOST_TOLD).map(|item| line(item, said)).collect();
    let more = done.items.len().saturating_sub(MOST_TOLD);
    if more > 0 {
        lines.push(format!("… and {more} more."));
    }
    if done.items.len() > 1 {
        lines.push(summary(done, said));
    }
    lines
}

fn line(item: &Item, said: &Said) -> String {
    let who = format!("{} ({})", item.title, page::short_id(&item.finding));
    let what = action_words(&said.action);
    let line = match &item.fate {
        Fate::Queued { .. } => format!("Queued: {what} for {who}"),
        Fate::Waits { source, id } => {
            format!("Already queued for {source} as {}: {what} for {who}", short(id))
        }
        Fate::There { source } => format!("Already so at {source}: {what}, {who}"),
        Fate::Added { id } => format!("{FILE}: added {id}: {who}"),
        Fate::Changed { id } => format!("{FILE}: changed {id}: {who}"),
        Fate::Written { id } => format!("{FILE}: already says so, as {id}: {who}"),
    };
    safe::line(&line)
}

/// The beginning of an outbox entry's name.
pub(crate) fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// "14 findings: false positive; 12 queued for central, 2 already so there."
pub(crate) fn summary(done: &Done, said: &Said) -> String {
    let count = |of: &dyn Fn(&Fate) -> bool| done.items.iter().filter(|item| of(&item.fate)).count();
    let mut parts: Vec<String> = Vec::new();
    let mut add = |number: usize, words: String| {
        if number > 0 {
            parts.push(format!("{number} {words}"));
        }
    };
    let mut sources: Vec<&str> = Vec::new();
    for item in &done.items {
        if let Fate::Queued { source, .. } = &item.fate
            && !sources.contains(&source.as_str())
        {
            sources.push(source);
        }
    }
    add(count(&|fate| matches!(fate, Fate::Queued { .. })), format!("queued for {}", sources.join(" and ")));
    add(count(&|fate| matches!(fate, Fate::Waits { .. })), "already queued".to_owned());
    add(count(&|fate| matches!(fate, Fate::There { .. })), "already so at the source".to_owned());
    add(count(&|fate| matches!(fate, Fate::Added { .. })), format!("added to {FILE}"));
    add(count(&|fate| matches!(fate, Fate::Changed { .. })), format!("changed in {FILE}"));
    add(count(&|fate| matches!(fate, Fate::Written { .. })), format!("already in {FILE}"));
    let findings =
        if done.items.len() == 1 { "1 finding".to_owned() } else { format!("{} findings", done.items.len()) };
    safe::line(&format!("{findings}, {}: {}.", action_words(&said.action), parts.join(", ")))
}

/// A refusal as paragraphs, the first one the reason.
pub(crate) fn refusal(refused: &Refused) -> Vec<String> {
    let nothing = "Nothing was written down or sent.".to_owned();
    match refused {
        Refused::Usage(why) | Refused::Failed(why) => vec![safe::line(why)],
        Refused::Undecided(why) => vec![safe::line(why), nothing],
        Refused::Policy(lines) => {
            let mut all: Vec<String> = lines.iter().take(MOST_TOLD).map(|line| safe::line(line)).collect();
            let more = lines.len().saturating_sub(MOST_TOLD);
            if more > 0 {
                all.push(format!("… and {more} more."));
            }
            all.push(nothing);
            all
        }
    }
}
