//! Scanned paths onto workspace files: the longest suffix that names one file, and where several do, the prefix pair
//! that the other paths of the same scan agree on. Never a guess.

mod index;
mod scanned;

use std::collections::HashMap;
use std::sync::Arc;

use index::{FileIndex, Letters};
use scanned::Cleaned;

/// What a scanned path is in the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// The same path exists.
    Exact(Arc<str>),
    /// Another path, by rule, suffix, prefix pair or letter case.
    Suffix {
        /// The workspace file.
        path: Arc<str>,
        /// How the two paths differ, in words ("scanned as /src/…, here app/…").
        how: Arc<str>,
    },
    /// Several files fit; none is chosen.
    Ambiguous(Vec<Arc<str>>),
    /// No file fits.
    Missing,
    /// The path leaves the root.
    Outside,
}

impl Mapped {
    /// The one workspace file, if there is one.
    #[must_use]
    pub fn path(&self) -> Option<&Arc<str>> {
        match self {
            Self::Exact(path) | Self::Suffix { path, .. } => Some(path),
            Self::Ambiguous(_) | Self::Missing | Self::Outside => None,
        }
    }
}

/// Whether a scanned path could be a file below some root.
#[must_use]
pub fn is_inside(scanned: &str) -> bool {
    Cleaned::new(scanned).is_some_and(|path| !path.parts().is_empty())
}

/// What a scanned path may be called below the root: as it is, and if it is absolute, all that it ends in.
#[must_use]
pub fn readings(scanned: &str) -> Vec<String> {
    let Some(path) = Cleaned::new(scanned) else { return Vec::new() };
    let most = if path.is_absolute() { path.parts().len() } else { 1 };
    (0..most).map(|from| path.parts()[from..].join("/")).collect()
}

/// Candidates shown for an ambiguous path; more help nobody.
const SHOWN: usize = 20;

/// Above this many candidates the pairs are tried one by one rather than the candidates (`__init__.py`, `index.js`).
const MANY: usize = 64;

/// Prefix pairs tried for such a path.
const PAIRS_TRIED: usize = 16;

/// Maps the paths of **one scan** onto `files` (sorted, `/`-separated, relative to the root); same order as `scanned`.
/// `rules` are (from prefix, to prefix) pairs of the configuration; the first whose result exists wins over everything.
#[must_use]
pub fn map(scanned: &[Arc<str>], files: &[Arc<str>], rules: &[(String, String)]) -> Vec<Mapped> {
    let mut index = FileIndex::new(files);
    let asked: Vec<Asked> = scanned.iter().map(|path| Asked::look_up(path, &mut index, rules)).collect();
    let votes = Votes::count(&asked, &index);
    asked.into_iter().map(|asked| asked.decide(&votes, &index)).collect()
}

/// A prefix pair: how many leading components differ says little, the prefixes themselves say all.
type Pair = (String, String);

/// One path with the files that share its longest suffix.
enum Asked {
    Settled(Mapped),
    Open { path: Cleaned, exact: Option<usize>, candidates: Vec<usize>, suffix: usize, letters: Letters },
}

impl Asked {
    fn look_up(path: &str, index: &mut FileIndex<'_>, rules: &[(String, String)]) -> Self {
        let Some(path) = Cleaned::new(path) else { return Self::Settled(Mapped::Outside) };
        if path.parts().is_empty() {
            return Self::Settled(Mapped::Missing);
        }
        for (from, to) in rules {
            if let Some(found) = path.replaced(from, to).and_then(|wanted| index.exact(&wanted)) {
                let how = format!("path rule {from} to {to}").into();
                return Self::Settled(Mapped::Suffix { path: index.file(found), how });
            }
        }
        let exact = if path.is_absolute() { None } else { index.exact(&path.joined()) };
        let (mut candidates, mut suffix) = index.longest_suffix(path.parts(), Letters::AsWritten);
        let mut letters = Letters::AsWritten;
        if exact.is_none() && suffix < path.parts().len() {
            let (folded, folded_suffix) = index.longest_suffix(path.parts(), Letters::Folded);
            if suffix == 0 || folded_suffix == path.parts().len() {
                (candidates, suffix, letters) = (folded, folded_suffix, Letters::Folded);
            }
        }
        Self::Open { path, exact, candidates, suffix, letters }
    }

    fn decide(self, votes: &Votes, index: &FileIndex<'_>) -> Mapped {
        let (path, exact, candidates, suffix, letters) = match self {
            Self::Settled(mapped) => return mapped,
            Self::Open { path, exact, candidates, suffix, letters } => (path, exact, candidates, suffix, letters),
        };
        if let Some(exact) = exact {
            let under_pair = votes.whole_scan_pair.as_ref().and_then(|pair| index.exact(&path.under(&pair.1)));
            return match under_pair {
                Some(found) => mapped_by(&path, index.file(found), path.parts().len(), Letters::AsWritten),
                None => Mapped::Exact(index.file(exact)),
            };
        }
        if candidates.len() > MANY {
            return votes.settle(&path, &candidates, suffix, index);
        }
        let mut best: Option<(usize, usize)> = None;
        let mut tied = false;
        for &candidate in &candidates {
            let support = votes.of(&path.pair(index.path(candidate), suffix));
            match best {
                Some((_, most)) if support < most => {}
                Some((_, most)) if support == most => tied = true,
                _ => (best, tied) = (Some((candidate, support)), false),
            }
        }
        let Some((chosen, support)) = best else { return Mapped::Missing };
        if tied {
            return ambiguous(&candidates, index);
        }
        // A file's bare name under two unrelated folders says nothing, unless other paths say the same of the folders.
        let (from, to) = path.pair(index.path(chosen), suffix);
        if suffix == 1 && !from.is_empty() && !to.is_empty() && support < 2 {
            return Mapped::Missing;
        }
        mapped_by(&path, index.file(chosen), suffix, letters)
    }
}

fn ambiguous(candidates: &[usize], index: &FileIndex<'_>) -> Mapped {
    Mapped::Ambiguous(candidates.iter().take(SHOWN).map(|&file| index.file(file)).collect())
}

fn mapped_by(path: &Cleaned, file: Arc<str>, suffix: usize, letters: Letters) -> Mapped {
    let how = match letters {
        Letters::Folded => format!("scanned as {}, here in other letter case", path.shown()),
        Letters::AsWritten => {
            let (from, to) = path.pair(&file, suffix);
            format!("scanned under {}, here under {}", named(&from), named(&to))
        }
    };
    Mapped::Suffix { path: file, how: how.into() }
}

fn named(prefix: &str) -> &str {
    if prefix.is_empty() { "the root" } else { prefix }
}

/// How many paths of the scan speak for each prefix pair.
struct Votes {
    by_pair: HashMap<Pair, usize>,
    /// The strongest pairs, strongest first.
    ranked: Vec<(Pair, usize)>,
    /// The pair `("", folder)` when the scan plainly ran in that folder: some paths exist only there, none only at the
    /// root. Then even a path that exists at the root meant the folder's.
    whole_scan_pair: Option<Pair>,
}

impl Votes {
    fn count(asked: &[Asked], index: &FileIndex<'_>) -> Self {
        let mut by_pair: HashMap<Pair, usize> = HashMap::new();
        for asked in asked {
            if let Asked::Open { path, exact: None, candidates, suffix, letters: Letters::AsWritten } = asked
                && let [only] = candidates[..]
            {
                *by_pair.entry(path.pair(index.path(only), *suffix)).or_default() += 1;
            }
        }
        let folder =
            by_pair.iter().filter(|((from, _), _)| from.is_empty()).max_by_key(|(pair, votes)| (**votes, *pair));
        let whole_scan_pair = folder.filter(|(_, votes)| **votes >= 2).map(|(pair, _)| pair.clone()).filter(|pair| {
            asked.iter().all(|asked| match asked {
                Asked::Open { path, exact: Some(_), .. } => index.exact(&path.under(&pair.1)).is_some(),
                _ => true,
            })
        });
        let mut ranked: Vec<(Pair, usize)> = by_pair.iter().map(|(pair, votes)| (pair.clone(), *votes)).collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked.truncate(PAIRS_TRIED);
        Self { by_pair, ranked, whole_scan_pair }
    }

    /// The candidate that the strongest pair leads to; ambiguous when two equally strong pairs lead to different ones.
    fn settle(&self, path: &Cleaned, candidates: &[usize], suffix: usize, index: &FileIndex<'_>) -> Mapped {
        let mut found: Option<(usize, usize)> = None;
        for ((from, to), votes) in &self.ranked {
            let Some(file) = path.replaced(from, to).and_then(|wanted| index.exact(&wanted)) else { continue };
            match found {
                Some((_, most)) if *votes < most => break,
                Some((known, _)) if known == file => {}
                Some(_) => return ambiguous(candidates, index),
                None => found = Some((file, *votes)),
            }
        }
        match found {
            Some((file, _)) => mapped_by(path, index.file(file), suffix, Letters::AsWritten),
            None => ambiguous(candidates, index),
        }
    }

    fn of(&self, pair: &Pair) -> usize {
        self.by_pair.get(pair).copied().unwrap_or(0)
    }
}
