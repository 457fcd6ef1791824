//! Which added file a removed one became, by content.

use std::collections::HashMap;
use std::sync::Arc;

use crate::score::ratio;

/// Less in common than this is no rename.
const LEAST: f32 = 0.5;

/// The same for the only added file of the removed one's name: a file that moved and changed much.
const LEAST_BY_NAME: f32 = 0.25;

/// Lines read of one file, and bytes of all added files together: a rename is told long before.
const LINES: usize = 20_000;
const BYTES: usize = 64 << 20;

/// Index into `added` (path, text) and similarity 0–1 of the file that `removed` (path, text) most likely became:
/// identical text first, then the largest share of equal lines from a half on, from a quarter on for the only
/// one of the same file name. Between equals the same file name, then
/// the same extension, then the longest common folder decides. Lines compare without white space at their ends.
#[must_use]
pub fn best(removed: (&str, &str), added: &[(Arc<str>, Arc<str>)]) -> Option<(usize, f32)> {
    let (path, text) = removed;
    let liking = |other: &str| {
        let (name, extension) = (base_name(path) == base_name(other), extension(path) == extension(other));
        let folders = path.split('/').zip(other.split('/')).take_while(|(a, b)| a == b).count();
        (extension, name, folders)
    };
    let identical = (0..added.len()).filter(|&at| *added[at].1 == *text && !text.trim().is_empty());
    if let Some(at) = identical.max_by_key(|&at| (liking(&added[at].0), std::cmp::Reverse(at))) {
        return Some((at, 1.0));
    }
    let mut counts: HashMap<&str, (usize, usize)> = HashMap::new();
    let mut lines = 0;
    for line in written(text) {
        counts.entry(line).or_default().0 += 1;
        lines += 1;
    }
    if lines == 0 {
        return None;
    }
    let mut namesakes = (0..added.len()).filter(|&at| base_name(&added[at].0) == base_name(path));
    let namesake = namesakes.next().filter(|_| namesakes.next().is_none());
    let mut read = 0;
    let mut best: Option<(usize, f32)> = None;
    for (at, (other, candidate)) in added.iter().enumerate() {
        // Even if the shorter text were all in the longer one, it would not be enough.
        let (short, long) = (text.len().min(candidate.len()), text.len().max(candidate.len()));
        if short * 4 < long {
            continue;
        }
        read += candidate.len();
        if read > BYTES {
            break;
        }
        for count in counts.values_mut() {
            count.1 = count.0;
        }
        let (mut equal, mut all) = (0, 0);
        for line in written(candidate) {
            all += 1;
            if let Some((_, left)) = counts.get_mut(line).filter(|(_, left)| *left > 0) {
                *left -= 1;
                equal += 1;
            }
        }
        let similarity = 2.0 * ratio(equal, lines + all);
        let better = best.is_none_or(|(known, most)| {
            similarity > most || (similarity >= most && liking(other) > liking(&added[known].0))
        });
        let least = if namesake == Some(at) { LEAST_BY_NAME } else { LEAST };
        if similarity >= least && better {
            best = Some((at, similarity.min(0.999)));
        }
    }
    best
}

fn written(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).take(LINES)
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn extension(path: &str) -> &str {
    base_name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}
