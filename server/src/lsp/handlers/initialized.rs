//! `initialized`: arrange to hear of changes on disk.

use std::sync::Arc;
use std::time::Duration;

use engine::Change;

use crate::lsp::session::Session;
use crate::lsp::watch;

pub(in crate::lsp) fn handle(session: &Arc<Session>) {
    watch::start(session);
    days(session);
    news(session);
}

/// How often other processes' syncs are looked for, and how often a source is asked itself.
const PEEK: Duration = Duration::from_secs(10);
const SYNC: u32 = 30;

/// Sources behind the network are asked now and then, and what another process of this user read is seen soon.
fn news(session: &Arc<Session>) {
    let weak = Arc::downgrade(session);
    tokio::spawn(async move {
        // Not all editors of a company at the same second.
        let mut until_sync = SYNC + jitter();
        loop {
            tokio::time::sleep(PEEK).await;
            let Some(session) = weak.upgrade() else { return };
            let has_remote = session
                .driver
                .snapshot()
                .roots()
                .any(|root| root.sources.iter().any(|source| source.config.is_remote()));
            if !has_remote {
                continue;
            }
            until_sync = until_sync.saturating_sub(1);
            if until_sync == 0 {
                until_sync = SYNC + jitter();
                session.driver.apply(Change::Due);
            } else {
                session.driver.apply(Change::Peek);
            }
        }
    });
}

fn jitter() -> u32 {
    // 0 to 9: a random number for each process.
    use std::hash::{BuildHasher as _, RandomState};
    u32::try_from(RandomState::new().hash_one(0_u8) % 10).unwrap_or(0)
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
