//! How a vulnerable package comes into the project, and what raising it takes.

use engine::Packaged;

use crate::present::document::{Block, Span};
use crate::present::safe;

/// Who brings it, and where its version is locked.
pub(super) fn way(package: &Packaged) -> Option<Vec<Span>> {
    let way = package.way_words().map(|way| safe::line(&way));
    let locked = package.locked.as_ref().map(|spot| safe::line(&format!("{}:{}", spot.path, spot.line + 1)));
    let mut spans = Vec::new();
    if let Some(way) = way {
        spans.extend([Span::text("Comes with "), Span::name(&way)]);
    }
    if let Some(locked) = locked {
        spans.push(Span::text(if spans.is_empty() { "Locked in " } else { ", locked in " }));
        spans.push(Span::name(&locked));
    }
    (!spans.is_empty()).then_some(spans)
}

/// Why the declaration cannot simply be raised.
pub(super) fn advice(package: &Packaged) -> Option<Block> {
    // Without a fixed version there is nothing to raise it to, which is said where the package is.
    let advice = package.advice.as_deref().filter(|_| package.fix.is_some())?;
    let mut spans = super::sentence(&safe::line(advice));
    super::place::capitalise(&mut spans);
    Some(Block::Paragraph(spans))
}
