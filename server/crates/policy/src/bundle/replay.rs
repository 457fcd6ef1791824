//! An old bundle with a good signature is still old.

use super::Error;

/// Whether a bundle with the sequence `new` may follow one with `last_seen`: never a lower one, and none without a
/// sequence once one was seen. The same sequence again is the same state.
pub fn check_sequence(new: Option<u64>, last_seen: Option<u64>) -> Result<(), Error> {
    match (new, last_seen) {
        (_, None) => Ok(()),
        (Some(new), Some(seen)) if new >= seen => Ok(()),
        (Some(new), Some(seen)) => Err(Error::Replay(format!(
            "its sequence is {new} and {seen} was in force before; if its makers went back on purpose, they publish the \
             old content with a sequence above {seen}"
        ))),
        (None, Some(seen)) => Err(Error::Replay(format!(
            "it has no metadata.aspm.sequence in .manifest, and a bundle with sequence {seen} was in force before"
        ))),
    }
}
