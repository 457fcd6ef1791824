//! `initialized`: arrange to hear of changes on disk.

use std::sync::Arc;
use std::time::Duration;

use engine::Change;

use crate::lsp::session::Session;
use crate::lsp::watch;

pub(in crate::lsp) fn handle(session: &Arc<Session>) {
    watch::start(session);
    days(session);
}

/// How often the day is looked at.
const PULSE: Duration = Duration::from_mins(1);

/// Due dates and exceptions count by days: when one begins, verdicts are made anew.
fn days(session: &Arc<Session>) {
    let weak = Arc::downgrade(session);
    tokio::spawn(async move {
        let today = || crate::clock::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let mut day = today();
        loop {
            tokio::time::sleep(PULSE).await;
            let Some(session) = weak.upgrade() else { return };
            if std::mem::replace(&mut day, today()) != today() {
                session.driver.apply(Change::Reconsider);
            }
        }
    });
}
