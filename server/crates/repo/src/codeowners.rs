//! Who owns a path, by the CODEOWNERS file of a repository, as GitHub or GitLab reads it.
//!
//! In: the file's text, from wherever the caller reads it (the base of a change, not the change). Nothing is resolved:
//! owners are the words of the file.

mod pattern;

use pattern::Pattern;

/// Where the file is looked for, in this order; the first one counts.
pub const CODEOWNERS_PATHS: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];

/// GitHub ignores larger files (bytes).
const MAX_BYTES: usize = 3 << 20;
const MAX_RULES: usize = 20_000;
const MAX_OWNERS: usize = 100;
const MAX_LINE: usize = 4096;

/// Whose rules the file follows. They differ in sections, in `docs/` without a leading slash, in `!` and `[ ]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnersFlavour {
    /// GitHub, and what follows it (Gitea, Bitbucket).
    GitHub,
    /// GitLab.
    GitLab,
}

impl OwnersFlavour {
    /// The likely one: by the file's place, by the host of a repository URL (see [`crate::normalise_url`]), by a section
    /// heading in the text.
    #[must_use]
    pub fn guess(path: &str, repository_urls: &[String], text: &str) -> Self {
        let host = repository_urls.first().and_then(|url| url.split('/').next()).unwrap_or("");
        if path.starts_with(".gitlab/") || host.contains("gitlab") {
            return Self::GitLab;
        }
        if path.starts_with(".github/") || host.contains("github") {
            return Self::GitHub;
        }
        let has_sections = text.lines().take(MAX_RULES).any(|line| heading(line.trim()).is_some());
        if has_sections { Self::GitLab } else { Self::GitHub }
    }
}

/// A CODEOWNERS file.
#[derive(Debug, Clone)]
pub struct Codeowners {
    /// In the order of the file; the first one is what stands before any heading.
    sections: Vec<Section>,
    /// What was passed by, for people: one sentence each with the line's number (at most 20).
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, Default)]
struct Section {
    /// Lower case, as GitLab compares them.
    name: String,
    default_owners: Vec<String>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    pattern: Pattern,
    owners: Vec<String>,
    /// `!pattern`: the section does not speak about these paths at all.
    is_exclusion: bool,
}

impl Codeowners {
    /// Reads the file's text. Lines that cannot be understood are passed by, as GitHub and GitLab do.
    #[must_use]
    pub fn parse(text: &str, flavour: OwnersFlavour) -> Self {
        let mut file = Self { sections: vec![Section::default()], problems: Vec::new() };
        if text.len() > MAX_BYTES {
            file.problems.push(format!("CODEOWNERS has {} bytes, more than {MAX_BYTES}, and was not used", text.len()));
            return file;
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut current = 0;
        let mut rules = 0;
        for (line, number) in text.lines().zip(1..) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if line.len() > MAX_LINE || rules >= MAX_RULES {
                file.problem(number, "it is too long, or there are too many rules");
                continue;
            }
            rules += 1;
            if flavour == OwnersFlavour::GitLab
                && let Some((name, owners)) = heading(line)
            {
                current = file.open(name, owners);
                continue;
            }
            match rule(line, flavour) {
                Ok(rule) => file.sections[current].rules.push(rule),
                Err(why) => file.problem(number, why),
            }
        }
        file
    }

    /// The owners of `path` (relative to the repository's root, `/` as separator) as they are written, each once. The
    /// last rule that matches counts, in each section for itself. Empty: nobody, or no rule speaks about it.
    #[must_use]
    pub fn owners(&self, path: &str) -> Vec<String> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let mut owners: Vec<String> = Vec::new();
        for section in &self.sections {
            let mut matching = section.rules.iter().filter(|rule| rule.pattern.matches(&parts));
            let last = matching.clone().rfind(|rule| !rule.is_exclusion);
            let Some(rule) = last.filter(|_| !matching.any(|rule| rule.is_exclusion)) else { continue };
            let named = if rule.owners.is_empty() { &section.default_owners } else { &rule.owners };
            for owner in named {
                if !owners.contains(owner) {
                    owners.push(owner.clone());
                }
            }
        }
        owners
    }

    /// The section of a heading; one named before goes on.
    fn open(&mut self, name: &str, owners: &str) -> usize {
        let name = name.to_lowercase();
        let default_owners: Vec<String> = owners_of(owners).collect();
        if let Some(at) = self.sections.iter().skip(1).position(|section| section.name == name) {
            let known = &mut self.sections[at + 1];
            if !default_owners.is_empty() {
                known.default_owners = default_owners;
            }
            return at + 1;
        }
        self.sections.push(Section { name, default_owners, rules: Vec::new() });
        self.sections.len() - 1
    }

    fn problem(&mut self, number: usize, why: &str) {
        if self.problems.len() < 20 {
            self.problems.push(format!("CODEOWNERS, line {number}: {why}"));
        }
    }
}

/// `[Name]`, `^[Name]`, `[Name][2]`, each followed by default owners: the name and those.
fn heading(line: &str) -> Option<(&str, &str)> {
    let (name, rest) = line.strip_prefix('^').unwrap_or(line).strip_prefix('[')?.split_once(']')?;
    let rest = match rest.strip_prefix('[') {
        Some(count) => {
            let (count, rest) = count.split_once(']')?;
            count.trim().bytes().all(|byte| byte.is_ascii_digit()).then_some(rest)?
        }
        None => rest,
    };
    let is_heading = !name.trim().is_empty() && (rest.is_empty() || rest.starts_with(char::is_whitespace));
    is_heading.then_some((name.trim(), rest))
}

fn rule(line: &str, flavour: OwnersFlavour) -> Result<Rule, &'static str> {
    let is_github = flavour == OwnersFlavour::GitHub;
    if is_github && line.starts_with(['!', '[']) {
        return Err("GitHub knows neither `!` nor `[ ]` in patterns");
    }
    if is_github && line.starts_with("\\#") {
        return Err("GitHub cannot own a path that begins with `#`");
    }
    let (written, is_exclusion) = match line.strip_prefix('!') {
        Some(rest) => (rest, true),
        None => (line, false),
    };
    let (pattern, rest) = split_pattern(written);
    let words = rest.split_whitespace().take_while(|word| !word.starts_with('#'));
    // GitHub passes a line by whose owners it cannot read, GitLab the word.
    if is_github && words.clone().any(|word| !is_owner(word)) {
        return Err("an owner is `@name`, `@organisation/team` or an e-mail address");
    }
    let pattern = Pattern::new(pattern, flavour)?;
    Ok(Rule { pattern, owners: owners_of(rest).collect(), is_exclusion })
}

/// The pattern up to the first space that no backslash escapes, and the rest.
fn split_pattern(line: &str) -> (&str, &str) {
    let mut is_escaped = false;
    for (at, character) in line.char_indices() {
        if !is_escaped && character.is_whitespace() {
            return line.split_at(at);
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    (line, "")
}

fn owners_of(text: &str) -> impl Iterator<Item = String> {
    let words = text.split_whitespace().take_while(|word| !word.starts_with('#'));
    words.filter(|word| is_owner(word)).take(MAX_OWNERS).map(str::to_owned)
}

fn is_owner(word: &str) -> bool {
    match word.strip_prefix('@') {
        Some(name) => !name.is_empty(),
        None => word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty()),
    }
}

#[cfg(test)]
mod tests;
