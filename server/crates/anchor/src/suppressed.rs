//! Suppression comments that were added since the scan: the finding stands, and the comment is named.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use syntax::suppression::Suppressions;

use crate::{Item, Scan, Source};

/// The suppressions of the texts of one call, read when first needed.
#[derive(Default)]
pub(crate) struct Suppressed {
    now: HashMap<Arc<str>, Suppressions>,
    then: HashMap<usize, Suppressions>,
}

impl Suppressed {
    /// The comment, as written, that silences the item's tool and rule at `range` of `current` (the text of `path`) and
    /// did not when it was scanned.
    pub(crate) fn newly(
        &mut self,
        item: &Item<'_>,
        scans: &[Scan],
        path: &Arc<str>,
        current: &Source,
        range: &Range<usize>,
    ) -> Option<Arc<str>> {
        let now = self.now.entry(path.clone()).or_insert_with(|| Suppressions::of(current.language, &current.text));
        if now.all().is_empty() {
            return None;
        }
        let covering = now.at(&current.text, range.clone()).find(|one| one.applies_to(item.tool, item.rule))?;
        if item.evidence.snippet.as_ref().is_some_and(|snippet| snippet.contains(&covering.text)) {
            return None;
        }
        let scanned = scans.get(item.scan).and_then(|scan| scan.source.as_deref());
        if let Some((scanned, region)) = scanned.zip(item.evidence.region)
            && let Some(was) = scanned.lines.resolve(&scanned.text, &region)
        {
            let then = self.then.entry(item.scan).or_insert_with(|| Suppressions::of(scanned.language, &scanned.text));
            if then.at(&scanned.text, was).any(|one| one.applies_to(item.tool, item.rule)) {
                return None;
            }
        }
        Some(covering.text.as_str().into())
    }
}
