//! Writing what changed at a source, beside all that did not.

use finding::{Finding, FindingId};

use crate::stage::{Extent, Staging};
use crate::{Error, SourceMeta, Store};

impl Store {
    /// Starts writing changes. Nothing is visible to anybody before [`Update::commit`] (or [`Update::save`]), and nothing
    /// changed without one of them.
    ///
    /// A pull that learns only at its end whether it read everything or what changed stages into this and ends in
    /// [`Update::commit_whole`] or [`Update::commit`].
    pub fn update(&mut self) -> Result<Update<'_>, Error> {
        Ok(Update(Staging::begin(self)?))
    }
}

/// Changes that nobody sees yet; see [`Store::update`]. Dropping it forgets them.
///
/// Of several words on one finding the last counts. Doing the same again changes nothing: what is stored is told by the
/// finding's own id, so a finding that came back under another number at its source takes the place of the earlier one.
#[derive(Debug)]
#[must_use = "nothing changes without `commit`"]
pub struct Update<'s>(Staging<'s>);

impl Update<'_> {
    /// Adds a finding, or puts it in the place of the one with its id.
    pub fn upsert(&mut self, finding: Finding) -> Result<(), Error> {
        self.0.put(finding)
    }

    /// Takes a finding away; one that is not there is no error.
    pub fn remove(&mut self, id: &FindingId) -> Result<(), Error> {
        self.0.remove(id)
    }

    /// The finding as it is stored, by this or any process, without what this update has not saved yet.
    pub fn stored(&self, id: &FindingId) -> Result<Option<Finding>, Error> {
        self.0.stored(id)
    }

    /// Writes what was given so far, in one step, and goes on. The source's state stays as it is stored, its cursor above
    /// all: a reading that breaks off after this begins again where it began, and finds its rows there. Before the first
    /// commit of all a source still counts as never synced.
    ///
    /// The index is packed anew only by the commit; until then loading it takes longer. After an error what was given is
    /// still to be written.
    pub fn save(&mut self) -> Result<(), Error> {
        self.0.save(false)
    }

    /// The same for few changes that nothing follows: the index is packed anew, so that loading it stays quick.
    pub fn settle(mut self) -> Result<(), Error> {
        self.0.save(true)
    }

    /// Writes the changes with the source's new state, in one step, and returns `meta` as stored: its revision and number
    /// of findings are set here. The revision stays when nothing changed but cursor and time of reading.
    pub fn commit(self, meta: SourceMeta) -> Result<SourceMeta, Error> {
        self.0.commit(meta, Extent::Changes, true)
    }

    /// The same when everything was given since [`Store::update`], saved in between or not: findings that were not go.
    pub fn commit_whole(self, meta: SourceMeta) -> Result<SourceMeta, Error> {
        self.0.commit(meta, Extent::Whole, true)
    }
}
