//! What a person says of findings: asked of policy, then written down in the repository or queued for the source, all of
//! it or nothing. One way for the terminal and the editor, which only show what came of it.

mod change;
mod file;
pub(crate) mod words;

use std::path::PathBuf;

use connectors::Action;
use engine::{Root, Snapshot};
use finding::{Finding, FindingId, StatusValue};
use jiff::civil::Date;
use policy::input::TriagePlace;

use crate::driver::law::{Ruled, Saying};
use crate::driver::{Driver, Queued, Wish, lock};
use crate::present::page;
use crate::report::entries::{self, Entry};

pub(crate) use file::FILE;

/// What is said, of every finding alike.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) action: Action,
    /// In the person's words; may be empty where policy allows it.
    pub(crate) reason: String,
    /// The last day it counts.
    pub(crate) until: Option<Date>,
    /// Where it is tracked; of exceptions.
    pub(crate) ticket: Option<String>,
}

/// Why nothing was written down or queued.
#[derive(Debug)]
pub(crate) enum Refused {
    /// It cannot be said like this.
    Usage(String),
    /// Policy does not allow it: one line for each finding or kind of refusal.
    Policy(Vec<String>),
    /// Policy cannot be asked.
    Undecided(String),
    /// Something else failed.
    Failed(String),
}

/// What became of one finding.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) finding: FindingId,
    pub(crate) title: String,
    pub(crate) fate: Fate,
}

/// See [`Item`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// For this source, under this name in the outbox.
    Queued { source: String, id: String },
    /// The same waits in the outbox already, under this name.
    Waits { source: String, id: String },
    /// This source has it like that.
    There { source: String },
    /// Added to the exceptions file under this id.
    Added { id: String },
    /// In place of the entry of this id.
    Changed { id: String },
    /// The exceptions file says so already, under this id.
    Written { id: String },
}

/// What became of all.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) items: Vec<Item>,
    /// The exceptions file, where it was written.
    pub(crate) file: Option<PathBuf>,
}

impl Done {
    /// Names of the entries of the outbox that this is about.
    pub(crate) fn in_outbox(&self) -> impl Iterator<Item = &str> {
        self.items.iter().filter_map(|item| match &item.fate {
            Fate::Queued { id, .. } | Fate::Waits { id, .. } => Some(id.as_str()),
            _ => None,
        })
    }
}

/// A finding that something is said of.
struct Named<'s> {
    entry: &'s Entry<'s>,
    finding: Finding,
    is_at_source: bool,
}

/// Says it of `ids`, findings of `root`.
pub(crate) fn say(
    driver: &Driver,
    snapshot: &Snapshot,
    root: &Root,
    ids: &[FindingId],
    said: &Said,
) -> Result<Done, Refused> {
    let said = &checked(said)?;
    let all = entries::all(snapshot, root);
    let mut named: Vec<Named<'_>> = Vec::new();
    for id in ids {
        if named.iter().any(|known| known.finding.id == *id) {
            continue;
        }
        let entry = all.iter().find(|entry| entry.row.id == *id);
        let whole =
            entry.and_then(|entry| lock(&driver.store(&root.path, &entry.source.name)).finding(id).ok().flatten());
        let (Some(entry), Some(finding)) = (entry, whole) else {
            return Err(Refused::Failed(format!("{id} is being read anew by another process: try again.")));
        };
        named.push(Named { entry, finding, is_at_source: driver.takes_triage(&entry.source.config) });
    }
    if named.is_empty() {
        return Err(Refused::Usage("no finding is named".to_owned()));
    }
    fits(&named, said)?;
    allowed(driver, root, &named, said)?;
    carried_out(driver, root, &named, said)
}

/// Without what is only white space.
fn checked(said: &Said) -> Result<Said, Refused> {
    let action = match &said.action {
        Action::AcceptRisk { accepted_by, .. } => {
            Action::AcceptRisk { until: said.until, accepted_by: accepted_by.clone() }
        }
        Action::AddTags { tags } => Action::AddTags { tags: plain_tags(tags)? },
        Action::RemoveTags { tags } => Action::RemoveTags { tags: plain_tags(tags)? },
        Action::Note if said.reason.trim().is_empty() => {
            return Err(Refused::Usage("a note needs words".to_owned()));
        }
        other => other.clone(),
    };
    let ticket = said.ticket.as_deref().map(str::trim).filter(|ticket| !ticket.is_empty()).map(str::to_owned);
    Ok(Said { action, reason: said.reason.trim().to_owned(), until: said.until, ticket })
}

/// Each once, in order; a comma or a quotation mark would be two tags at some sources and one at others.
fn plain_tags(tags: &[String]) -> Result<Vec<String>, Refused> {
    let mut plain: Vec<String> = Vec::new();
    for tag in tags.iter().map(|tag| tag.trim()) {
        if tag.is_empty() || tag.chars().any(|c| c.is_control() || matches!(c, ',' | '"')) {
            return Err(Refused::Usage(format!(
                "{tag:?} is no tag: one word or a few, without commas and quotation marks"
            )));
        }
        if !plain.iter().any(|known| known == tag) {
            plain.push(tag.to_owned());
        }
    }
    if plain.is_empty() { Err(Refused::Usage("no tag is named".to_owned())) } else { Ok(plain) }
}

/// Whether the places that it would go to can hold it.
fn fits(named: &[Named<'_>], said: &Said) -> Result<(), Refused> {
    if let Some(one) = named.iter().find(|one| !one.is_at_source)
        && status(&said.action).is_none()
    {
        return Err(Refused::Usage(format!(
            "{} comes from \"{}\", which takes no triage: an exception in {FILE} can only say false_positive, accept or \
             out_of_scope. What is fixed goes with the next scan",
            page::short_id(&one.finding.id),
            one.entry.source.name
        )));
    }
    if let Some(one) = named.iter().find(|one| one.is_at_source)
        && said.until.is_some()
        && said.action.until().is_none()
    {
        return Err(Refused::Usage(format!(
            "at \"{}\" only an accepted risk has a last day; leave it out",
            one.entry.source.name
        )));
    }
    Ok(())
}

/// What an exception would say.
fn status(action: &Action) -> Option<StatusValue> {
    match action {
        Action::FalsePositive => Some(StatusValue::FalsePositive),
        Action::AcceptRisk { .. } => Some(StatusValue::RiskAccepted),
        Action::OutOfScope => Some(StatusValue::OutOfScope),
        _ => None,
    }
}

fn allowed(driver: &Driver, root: &Root, named: &[Named<'_>], said: &Said) -> Result<(), Refused> {
    let sayings: Vec<Saying<'_>> = named
        .iter()
        .map(|one| Saying {
            finding: &one.finding,
            path: one.entry.placement.path.as_deref(),
            action: &said.action,
            reason: &said.reason,
            until: said.until,
            ticket: said.ticket.as_deref(),
            to: if one.is_at_source { TriagePlace::Source } else { TriagePlace::File },
        })
        .collect();
    let mut refused: Vec<(String, Vec<&Named<'_>>)> = Vec::new();
    for (one, ruled) in named.iter().zip(driver.law(&root.path).rule(&sayings)) {
        match ruled {
            Ruled::Allowed => {}
            Ruled::Undecided(why) => return Err(Refused::Undecided(why)),
            Ruled::Refused(why) => match refused.iter_mut().find(|(known, _)| *known == why) {
                Some((_, same)) => same.push(one),
                None => refused.push((why, vec![one])),
            },
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    let line = |(why, same): &(String, Vec<&Named<'_>>)| match same.as_slice() {
        [one] => format!("{} ({}): {why}", page::title(&one.finding), page::short_id(&one.finding.id)),
        several if several.len() == named.len() => why.clone(),
        several => format!("{} of {}: {why}", several.len(), named.len()),
    };
    Err(Refused::Policy(refused.iter().map(line).collect()))
}

fn carried_out(driver: &Driver, root: &Root, named: &[Named<'_>], said: &Said) -> Result<Done, Refused> {
    let mut fates: Vec<Option<Fate>> = named.iter().map(|one| change::there(driver, root, one, said)).collect();
    let mut written = change::exceptions(driver, root, named, said, &mut fates)?;
    // The file first: it can be put back as it was, and what is queued may be on its way at once.
    let path = written.as_mut().map(change::Written::save).transpose().map_err(Refused::Failed)?;
    let open: Vec<usize> = (0..named.len()).filter(|at| fates[*at].is_none()).collect();
    let wish = |at: &usize| Wish {
        source: &named[*at].entry.source.config,
        finding: &named[*at].finding,
        action: &said.action,
        reason: &said.reason,
    };
    let wishes: Vec<Wish<'_>> = open.iter().map(wish).collect();
    if !wishes.is_empty() {
        let queued = driver.enqueue(&root.path, &wishes).map_err(|why| {
            let undone = written.as_ref().map_or(Ok(()), change::Written::undo);
            Refused::Failed(undone.err().map_or(why.clone(), |also| format!("{why} {also}")))
        })?;
        for (at, queued) in open.into_iter().zip(queued) {
            let (source, id) = (named[at].entry.source.name.to_string(), queued.id().to_string());
            fates[at] = Some(match queued {
                Queued::New(_) => Fate::Queued { source, id },
                Queued::Already(_) => Fate::Waits { source, id },
            });
        }
    }
    let items = named.iter().zip(fates).filter_map(|(one, fate)| {
        Some(Item { finding: one.finding.id.clone(), title: page::title(&one.finding), fate: fate? })
    });
    Ok(Done { items: items.collect(), file: path })
}
