//! One pattern of a CODEOWNERS file, matched part by part, at a cost no pattern can blow up.

use super::OwnersFlavour;

/// Parts between slashes.
const MAX_PARTS: usize = 64;

/// A path pattern.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    parts: Vec<Part>,
    reach: Reach,
}

#[derive(Debug, Clone)]
enum Part {
    /// `**`: any number of folders, none too.
    Folders,
    /// Anything else: one name.
    Name(Vec<Token>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Character(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[a-z]`, and whether it is negated.
    Range(Vec<(char, char)>, bool),
}

/// How much of a path the parts have to cover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// All of it.
    Whole,
    /// A folder on the way: what lies in it.
    Inside,
    /// Either.
    Both,
}

impl Pattern {
    /// `Err`: why it is no pattern.
    pub(super) fn new(text: &str, flavour: OwnersFlavour) -> Result<Self, &'static str> {
        let is_github = flavour == OwnersFlavour::GitHub;
        let is_folder = text.ends_with('/');
        let names: Vec<&str> = text.split('/').filter(|part| !part.is_empty()).collect();
        if text.is_empty() || names.len() > MAX_PARTS {
            return Err("the pattern is empty or has too many folders");
        }
        // GitHub follows .gitignore: a slash anywhere but at the end ties the pattern to the root.
        let is_tied = text.starts_with('/') || (is_github && names.len() > 1);
        let mut parts = Vec::with_capacity(names.len() + 1);
        if !is_tied {
            parts.push(Part::Folders);
        }
        for name in &names {
            let part = if *name == "**" { Part::Folders } else { Part::Name(tokens(name, is_github)?) };
            let is_repeated = matches!((parts.last(), &part), (Some(Part::Folders), Part::Folders));
            if !is_repeated {
                parts.push(part);
            }
        }
        let reach = match names.last() {
            // Nothing but `/`.
            Some(_) if is_folder => Reach::Inside,
            None | Some(&"**") => Reach::Inside,
            // `docs/*` is what lies directly in docs, as both document; GitLab wants a slash after folders.
            Some(&"*") => Reach::Whole,
            Some(_) if is_github => Reach::Both,
            Some(_) => Reach::Whole,
        };
        Ok(Self { parts, reach })
    }

    pub(super) fn matches(&self, path: &[&str]) -> bool {
        // reached[n]: the parts so far cover exactly the first n names of the path.
        let mut reached = vec![false; path.len() + 1];
        reached[0] = true;
        for part in &self.parts {
            let mut next = vec![false; path.len() + 1];
            match part {
                Part::Folders => {
                    let mut is_open = false;
                    for (now, then) in next.iter_mut().zip(&reached) {
                        is_open |= *then;
                        *now = is_open;
                    }
                }
                Part::Name(tokens) => {
                    for (at, name) in path.iter().enumerate().filter(|(at, _)| reached[*at]) {
                        next[at + 1] = is_name(tokens, name);
                    }
                }
            }
            reached = next;
        }
        let (inside, whole) = reached.split_at(path.len());
        match self.reach {
            Reach::Whole => whole[0],
            Reach::Inside => inside.contains(&true),
            Reach::Both => whole[0] || inside.contains(&true),
        }
    }
}

fn tokens(name: &str, is_github: bool) -> Result<Vec<Token>, &'static str> {
    let mut tokens = Vec::new();
    let mut characters = name.chars();
    while let Some(character) = characters.next() {
        let token = match character {
            '\\' => Token::Character(characters.next().unwrap_or('\\')),
            '?' => Token::One,
            '*' if tokens.last() == Some(&Token::Many) => continue,
            '*' => Token::Many,
            '[' if is_github => return Err("GitHub knows no `[ ]` in patterns"),
            '[' => match range(characters.as_str()) {
                Some((token, rest)) => {
                    characters = rest.chars();
                    token
                }
                None => Token::Character('['),
            },
            other => Token::Character(other),
        };
        tokens.push(token);
    }
    Ok(tokens)
}

/// What follows a `[` up to its `]`.
fn range(text: &str) -> Option<(Token, &str)> {
    let (inner, is_negated) = match text.strip_prefix(['!', '^']) {
        Some(inner) => (inner, true),
        None => (text, false),
    };
    // A bracket in the first place is one of the characters.
    let end = inner.char_indices().skip(1).find(|(_, character)| *character == ']')?.0;
    let mut ranges = Vec::new();
    let mut rest = inner[..end].chars();
    while let Some(from) = rest.next() {
        let mut ahead = rest.clone();
        match (ahead.next(), ahead.next()) {
            (Some('-'), Some(to)) => {
                ranges.push((from, to));
                rest = ahead;
            }
            _ => ranges.push((from, from)),
        }
    }
    Some((Token::Range(ranges, is_negated), &inner[end + 1..]))
}

/// Whether a name is what the tokens say, going back to the last `*` only: at most tokens times characters.
fn is_name(tokens: &[Token], name: &str) -> bool {
    let (mut at, mut rest) = (0, name.chars());
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        let mut ahead = rest.clone();
        let is_fit = match (tokens.get(at), ahead.next()) {
            (None, None) => return true,
            (Some(Token::Many), _) => {
                retry = Some((at, rest.clone()));
                at += 1;
                continue;
            }
            (Some(Token::One), Some(_)) => true,
            (Some(Token::Character(wanted)), Some(character)) => *wanted == character,
            (Some(Token::Range(ranges, is_negated)), Some(character)) => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&character)) != *is_negated
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        if is_fit {
            at += 1;
            rest = ahead;
            continue;
        }
        // The `*` takes one character more.
        let Some((star, mut taken)) = retry.take() else { return false };
        if taken.next().is_none() {
            return false;
        }
        at = star + 1;
        rest = taken.clone();
        retry = Some((star, taken));
    }
}
