//! When sources behind the network are looked at without anybody asking.

use std::time::Duration;

/// How often other processes' syncs are looked for: that asks the store alone.
pub const PEEK: Duration = Duration::from_secs(10);
/// Shortest time between two syncs of one process.
const SYNC: Duration = Duration::from_mins(5);

/// How long after a sync the next one is due, whatever came of it: five minutes, and up to two more as `share` (0 to 1, drawn
/// anew each time) says, so that editors that were started together drift apart.
#[must_use]
pub fn until_sync(share: f64) -> Duration {
    SYNC + (SYNC * 2 / 5).mul_f64(share.clamp(0.0, 1.0))
}
