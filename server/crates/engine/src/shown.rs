//! What is shown on a file: one entry per diagnostic, twins together.

use std::ops::Range;
use std::sync::Arc;

use finding::{Finding, FindingId, Placement, Severity, StatusValue};

use crate::attention::Attention;
use crate::group::{Group, Placed};
use crate::judged::Judged;
use crate::package::Packaged;
use crate::root::RootId;

/// One diagnostic: a finding that leads, and its twins.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Which root.
    pub root: RootId,
    pub(crate) group: Arc<Group>,
    /// Indices into the group's `placed`; the leader first.
    pub(crate) members: Vec<u32>,
    /// How loudly.
    pub attention: Attention,
}

impl Shown {
    fn placed(&self, member: usize) -> &Placed {
        &self.group.placed[self.members[member] as usize]
    }

    /// How many findings are shown here together.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Never: a leader is always there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Where the leader is.
    #[must_use]
    pub fn placement(&self) -> &Placement {
        &self.placed(0).placement
    }

    /// Byte range of the leader; `None` when it is about the whole file.
    #[must_use]
    pub fn range(&self) -> Option<&Range<usize>> {
        self.placement().range.as_ref()
    }

    /// Ids of all members, the leader first.
    pub fn ids(&self) -> impl Iterator<Item = &FindingId> {
        (0..self.members.len()).map(|member| &self.group.row(self.placed(member)).id)
    }

    /// Rule id of a member.
    #[must_use]
    pub fn rule(&self, member: usize) -> &str {
        let placed = self.placed(member);
        self.group.placed_in[placed.source].rule(self.group.row(placed))
    }

    /// Tool of a member.
    #[must_use]
    pub fn tool(&self, member: usize) -> &str {
        let placed = self.placed(member);
        self.group.placed_in[placed.source].tool(self.group.row(placed))
    }

    /// First line of a member's message.
    #[must_use]
    pub fn message(&self, member: usize) -> &str {
        let placed = self.placed(member);
        self.group.placed_in[placed.source].message(self.group.row(placed))
    }

    /// Severity of a member.
    #[must_use]
    pub fn severity(&self, member: usize) -> Severity {
        self.group.row(self.placed(member)).severity
    }

    /// Where a member's source stands among the root's.
    #[must_use]
    pub fn source(&self, member: usize) -> usize {
        self.placed(member).source
    }

    /// What people decided of a member at its source.
    #[must_use]
    pub fn status(&self, member: usize) -> StatusValue {
        self.group.row(self.placed(member)).status
    }

    /// A member's placement.
    #[must_use]
    pub fn placement_of(&self, member: usize) -> &Placement {
        &self.placed(member).placement
    }

    /// What policy makes of a member.
    #[must_use]
    pub fn judged(&self, member: usize) -> &Judged {
        &self.placed(member).judged
    }

    /// The whole finding of a member, when it is in memory (its file is open).
    #[must_use]
    pub fn finding(&self, member: usize) -> Option<&Arc<Finding>> {
        let id = &self.group.row(self.placed(member)).id;
        let at = self.members[member] as usize;
        let details = self.group.details.as_ref()?;
        details.get(at).filter(|finding| finding.id == *id)
    }

    /// For findings about packages: how the package of a member comes into the project.
    #[must_use]
    pub fn package(&self, member: usize) -> Option<&Arc<Packaged>> {
        self.placed(member).package.as_ref()
    }

    /// Where the steps of a member's data flow are, then its other places; `None` while its file is not open.
    #[must_use]
    pub fn steps(&self, member: usize) -> Option<&[Placement]> {
        self.placed(member).steps.as_deref()
    }

    /// The group's note on how the scanned path became this file, in words.
    #[must_use]
    pub fn path_note(&self) -> Option<String> {
        self.group.note.words()
    }
}

/// What one group shows on `path`; what is gone and what policy hides is not shown.
pub(crate) fn of_group(root: RootId, group: &Arc<Group>, path: &str, minimum: Severity) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    for (at, placed) in group.placed.iter().enumerate() {
        let row = group.row(placed);
        let attention = Attention::of(row.severity, row.status, &placed.placement, &placed.judged);
        let is_here = placed.placement.path.as_deref() == Some(path);
        if !is_here || attention == Attention::Hidden || row.severity < minimum {
            continue;
        }
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let leads = |shown: &&mut Shown| {
            let leader = &group.placed[shown.members[0] as usize];
            shown.members[0] == placed.leader || leader.leader == placed.leader
        };
        match shown.iter_mut().rev().find(leads) {
            Some(twin) => {
                // The leader that was decided with all in sight stands first, wherever it came in the list.
                if placed.leader == at {
                    twin.members.insert(0, at);
                } else {
                    twin.members.push(at);
                }
                twin.attention = twin.attention.max(attention);
            }
            None => shown.push(Shown { root, group: group.clone(), members: vec![at], attention }),
        }
    }
    shown
}
