//! What a source's logs hold, read for the report alone.

use connectors::sarif::{Limits, SarifFiles};
use connectors::{Connector as _, Sink};
use engine::{Root, Source};
use finding::Finding;

use super::Report;
use crate::cli::terminal::count;

/// Takes findings and forgets them.
struct Nowhere;

impl Sink for Nowhere {
    fn finding(&mut self, _finding: Finding) -> Result<(), String> {
        Ok(())
    }
}

pub(super) fn examine(root: &Root, source: &Source, report: &mut Report) {
    let files = SarifFiles::new(&root.path, &source.name, &source.config.path, Limits::default());
    // What cannot be read is told by the source's own problems.
    let Ok(outcome) = files.and_then(|files| files.pull(None, &mut Nowhere, &|| false, &|_| {})) else { return };
    let mut tools: Vec<String> = outcome
        .tools
        .iter()
        .map(|tool| match &tool.version {
            Some(version) => format!("{} {version}", tool.name),
            None => tool.name.clone(),
        })
        .collect();
    tools.sort_unstable();
    tools.dedup();
    let well = match outcome.not_findings {
        0 => String::new(),
        number => format!("; {} that say all is well", count(number, "result")),
    };
    report.detail(format!("{} by {}{well}", count(outcome.logs, "log"), tools.join(", ")));
}
