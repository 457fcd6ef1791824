//! `initialized`: arrange to hear of changes on disk.

use std::sync::{Arc, Once};
use std::time::{Duration, Instant};

use connectors::http::random;
use engine::Change;

use crate::driver::schedule;
use crate::lsp::session::Session;
use crate::lsp::watch;

pub(in crate::lsp) fn handle(session: &Arc<Session>) {
    static STARTED: Once = Once::new();
    watch::start(session);
    // A client that says it twice has one set of timers.
    STARTED.call_once(|| {
        days(session);
        news(session);
    });
}

/// Sources behind the network are asked now and then, and what another process of this user read is seen soon.
fn news(session: &Arc<Session>) {
    let weak = Arc::downgrade(session);
    tokio::spawn(async move {
        let due = || Instant::now() + schedule::until_sync(random());
        let mut next = due();
        loop {
            tokio::time::sleep(schedule::PEEK).await;
            let Some(session) = weak.upgrade() else { return };
            let has_remote = session
                .driver
                .snapshot()
                .roots()
                .any(|root| root.sources.iter().any(|source| source.config.is_remote()));
            if !has_remote {
                continue;
            }
            if Instant::now() >= next {
                next = due();
                session.driver.apply(Change::Due);
            } else {
                session.driver.apply(Change::Peek);
            }
        }
    });
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
