//! The command `aspm.flow`: the steps of a data flow, to walk along them.
//!
//! Clients with lists of places of their own get all steps (`aspm/locations`); in others the page tells them, and a
//! step is gone to with `window/showDocument`.

use std::sync::Arc;

use engine::{Shown, Snapshot};
use finding::wire::{LocationInfo, LocationList, VERSION};
use lsp_types::{LspAny, Range, Uri};
use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};

use super::{findings, page};
use crate::lsp::outgoing::Message;
use crate::lsp::requests::Ask;
use crate::lsp::session::Session;
use crate::present::page as pages;
use crate::report::texts::Texts;

pub(super) fn run(
    session: &Arc<Session>,
    snapshot: &Snapshot,
    argument: &LspAny,
    cancelled: &dyn Fn() -> bool,
) -> Result<Option<LspAny>> {
    let detail = findings::detail(session, snapshot, argument)?;
    let count = detail.flow.len();
    let told = |at: usize, message: &str| match message {
        "" => format!("step {} of {count}", at + 1),
        words => format!("step {} of {count}: {words}", at + 1),
    };
    let locations: Vec<LocationInfo<Range>> = detail
        .flow
        .iter()
        .enumerate()
        .filter_map(|(at, step)| {
            let (uri, range) = (step.uri.clone()?, step.placement.range?);
            let (message, state) = (told(at, &step.message), step.placement.state);
            Some(LocationInfo { uri, range, message, state, step: at + 1 })
        })
        .collect();
    if count == 0 {
        return Err(Error::invalid_params("this finding has no data flow"));
    }
    let title = format!("Data flow of {}", title(&detail.markdown));
    if let Some(number) = argument.get("step") {
        let wanted = number.as_u64().and_then(|number| usize::try_from(number).ok());
        let place = locations.iter().find(|place| Some(place.step) == wanted);
        let place = place.ok_or_else(|| Error::invalid_params(format!("step {number} is on no code here")))?;
        let uri = Uri::parse(&place.uri).map_err(|error| Error::invalid_params(error.to_string()))?;
        page::show(session, uri, false, Some(place.range));
    } else if session.negotiated().locations {
        let list = LocationList { version: VERSION, title, locations: locations.clone() };
        session.tell(Message::Ask(Ask::Locations(list)));
    } else {
        page::open(session, snapshot, argument, cancelled)?;
    }
    Ok(Some(json!({ "locations": locations })))
}

/// The heading of a page.
fn title(markdown: &str) -> &str {
    markdown.lines().next().unwrap_or("").trim_start_matches("# ")
}

/// What can be done with the data flow of a diagnostic: title and argument of `aspm.flow`.
pub(super) fn offers(session: &Session, snapshot: &Snapshot, shown: &Shown) -> Vec<(String, LspAny)> {
    let (Some(finding), Some(placed)) = (shown.finding(0), shown.steps(0)) else { return Vec::new() };
    let count = finding.flow.len();
    if count < 2 {
        return Vec::new();
    }
    let id = finding.id.as_str();
    let mut offers = vec![(format!("Show the data flow ({count} steps)"), json!({ "id": id }))];
    let here = shown.placement();
    let is_far = placed.first().is_some_and(|first| (&first.path, &first.range) != (&here.path, &here.range));
    if let (true, true, Some(root)) = (is_far, session.negotiated().show_document, snapshot.root(shown.root)) {
        let stands = Texts::new(&session.driver, snapshot, root).stand(&placed[..1]);
        if let Some(place) = &stands[0].place {
            let words = pages::step_words(&finding.flow[0]);
            let words = if words.is_empty() { String::new() } else { format!(" ({words})") };
            offers.push((format!("Go to the source of the data: {place}{words}"), json!({ "id": id, "step": 1 })));
        }
    }
    offers
}
