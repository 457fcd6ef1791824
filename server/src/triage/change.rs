//! What there is to be done: what is there already is not done again, and the exceptions file changes as a whole.

use std::path::PathBuf;

use connectors::Action;
use engine::Root;
use finding::{ExceptionOrigin, Finding, StatusValue};
use policy::exceptions::{self, Entry, Expiry};

use super::file::{self, Request};
use super::{Fate, Named, Refused, Said};
use crate::driver::Driver;

/// Whether the source has it already, as far as is known here, and nothing is on its way that would change that.
pub(super) fn there(driver: &Driver, root: &Root, one: &Named<'_>, said: &Said) -> Option<Fate> {
    if !one.is_at_source || driver.is_awaited(&root.path, &one.entry.source.config, &one.finding.id) {
        return None;
    }
    let status = &one.finding.status;
    let is_there = match &said.action {
        Action::FalsePositive => status.value == StatusValue::FalsePositive,
        Action::OutOfScope => status.value == StatusValue::OutOfScope,
        Action::Close => status.value == StatusValue::Mitigated,
        Action::AcceptRisk { until, .. } => {
            let end = status.until.as_deref().and_then(|until| until.get(..10));
            status.value == StatusValue::RiskAccepted && end == until.map(|until| until.to_string()).as_deref()
        }
        Action::Reopen => status.value == StatusValue::Open && !is_claimed(&one.finding),
        Action::Verify | Action::Note | Action::AddTags { .. } | Action::RemoveTags { .. } => false,
    };
    is_there.then(|| Fate::There { source: one.entry.source.name.to_string() })
}

/// Open here, but decided there: the decision ended, or it is told as a finding of its own.
fn is_claimed(finding: &Finding) -> bool {
    let state = finding.evidence.fingerprints.iter().find(|(name, _)| name == "defectdojo/state");
    state.is_some_and(|(_, state)| !state.split(' ').any(|word| word == "active"))
}

/// The exceptions file before and after.
pub(super) struct Written {
    root: PathBuf,
    before: Option<String>,
    after: String,
}

impl Written {
    /// Writes it; its path.
    pub(super) fn save(&mut self) -> Result<PathBuf, String> {
        file::write(&self.root, &self.after).map_err(|error| format!("{} was not written: {error}.", file::FILE))
    }

    /// Puts back what was there.
    pub(super) fn undo(&self) -> Result<(), String> {
        let undone = match &self.before {
            Some(text) => file::write(&self.root, text).map(drop),
            None => std::fs::remove_file(self.root.join(file::FILE)),
        };
        undone.map_err(|error| format!("{} could not be put back as it was: {error}.", file::FILE))
    }
}

/// What the file is to say of those whose source takes no triage; `None` where there is nothing to write.
pub(super) fn exceptions(
    driver: &Driver,
    root: &Root,
    named: &[Named<'_>],
    said: &Said,
    fates: &mut [Option<Fate>],
) -> Result<Option<Written>, Refused> {
    let here: Vec<usize> = (0..named.len()).filter(|at| !named[*at].is_at_source).collect();
    let Some(status) = super::status(&said.action).filter(|_| !here.is_empty()) else { return Ok(None) };
    let request = Request { status, reason: said.reason.clone(), until: said.until, ticket: said.ticket.clone() };
    let today = crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
    let before = file::read(&root.path).map_err(Refused::Failed)?;
    let mut text = before.clone();
    for at in here {
        let Named { entry, finding, .. } = &named[at];
        let known = text.as_deref().and_then(|text| known(text, &named[at]));
        if let Some(known) = known.as_ref().filter(|known| says(known, &request)) {
            fates[at] = Some(Fate::Written { id: known.id.clone() });
            continue;
        }
        // Only an entry that names this very finding is taken out for the new one; others are a person's own.
        let ours = known.filter(|known| names(known, finding));
        let cleared = ours.as_ref().and_then(|known| exceptions::remove(text.as_deref()?, &known.id).ok());
        let is_changed = cleared.is_some();
        let new = file::entry(driver, &root.path, finding, &entry.placement, &request);
        let added = exceptions::add(cleared.as_deref().or(text.as_deref()), &new, today)
            .map_err(|error| Refused::Usage(error.to_string()))?;
        let id = added.id;
        fates[at] = Some(if is_changed { Fate::Changed { id } } else { Fate::Added { id } });
        text = Some(added.text);
    }
    let is_changed = text != before;
    Ok(text.filter(|_| is_changed).map(|after| Written { root: root.path.clone(), before, after }))
}

/// The entry that the file has of a finding: it names it, or it was found to be about it.
fn known(text: &str, one: &Named<'_>) -> Option<Entry> {
    let applies = one.entry.judged.and_then(|judged| judged.exception.as_deref());
    let applies = applies.filter(|exception| exception.origin == ExceptionOrigin::File).map(|exception| &exception.id);
    let mut entries = exceptions::parse(text).entries;
    let at = entries
        .iter()
        .position(|entry| names(entry, &one.finding))
        .or_else(|| entries.iter().position(|entry| Some(&entry.id) == applies))?;
    Some(entries.swap_remove(at))
}

fn names(entry: &Entry, finding: &Finding) -> bool {
    let id = finding.id.as_str();
    let is_source = entry.finding.source.as_deref().is_none_or(|source| source == finding.source);
    let bare = id.split_once(':').map_or(id, |(_, bare)| bare);
    is_source && entry.finding.id.as_deref().is_some_and(|named| named == id || named == bare)
}

fn says(entry: &Entry, request: &Request) -> bool {
    let until = request.until.map_or(Expiry::Never, Expiry::On);
    entry.status == request.status
        && entry.expires == until
        && entry.reason.trim() == request.reason
        && (request.ticket.is_none() || entry.ticket == request.ticket)
}
