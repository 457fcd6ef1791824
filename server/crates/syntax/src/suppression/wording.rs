//! The words of a comment: which tool and rule it names, and a reason that cannot end or change the comment.

use super::{
    Suppressions, Tool,
    markers::{Rules, Shape},
    read::{is_code, is_snake},
    ways::{List, Reason, WAYS, Way},
};
use crate::Language;

/// Longest name of a rule that is written.
const LONGEST_RULE: usize = 200;
/// Characters of a reason that are written.
const LONGEST_REASON: usize = 200;

/// A comment that can be offered before it is known whether its place takes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Whose comment it is.
    pub tool: Tool,
    /// The comment without a reason, as in `# nosec B602`.
    pub words: String,
    /// The rule stands in it; else it silences whatever the tool finds there.
    pub names_rule: bool,
    /// A reason can stand in it.
    pub takes_reason: bool,
}

/// The comment for a rule of a tool, named as a report or platform does; `None` where the tool has none in this language
/// or the rule's name cannot be written.
#[must_use]
pub fn offer(language: Option<Language>, tool: &str, rule: &str) -> Option<Offer> {
    let language = language?;
    let (way, rule) = ways(language, tool, rule).next()?;
    let sign = language.line_comment().or(language.block_comment().map(|(open, _)| open)).unwrap_or_default();
    let directive = directive(way, &rule, "");
    let words = match sign {
        _ if directive.starts_with("#pragma") => directive,
        _ => way.behind(sign, &directive),
    };
    Some(Offer { tool: way.tool, words, names_rule: !rule.is_empty(), takes_reason: way.reason != Reason::Never })
}

/// The ways to silence a rule, best first, each with the rule as that tool writes it.
pub(super) fn ways<'w>(
    language: Language,
    tool: &'w str,
    rule: &'w str,
) -> impl Iterator<Item = (&'static Way, String)> + use<'w> {
    let fitting = WAYS.iter().filter(move |way| way.is_read_in(language) && way.tool.is_named(tool));
    fitting.filter_map(move |way| Some((way, written(way, rule)?)))
}

/// The rule as the comment names it; empty for a comment that names none.
fn written(way: &Way, reported: &str) -> Option<String> {
    let reported = reported.trim();
    let parts = || reported.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let code = || parts().find(|part| is_code(part) && part.ends_with(|c: char| c.is_ascii_digit())).map(str::to_owned);
    match way.marker()?.rules {
        Rules::None => Some(String::new()),
        _ if way.list == List::None => Some(String::new()),
        Rules::List(Shape::Code) | Rules::Colon(Shape::Code) => code(),
        Rules::List(Shape::CodeOrSnake) | Rules::Colon(Shape::CodeOrSnake) => {
            code().or_else(|| is_snake(reported).then(|| reported.to_owned()))
        }
        // `nolint` names linters; this one numbers its rules.
        _ if way.tool == Tool::Golangci && code().is_some_and(|code| code.starts_with('G')) => Some("gosec".to_owned()),
        Rules::List(Shape::Name) | Rules::Colon(Shape::Name) | Rules::Brackets(..) | Rules::One => {
            is_name(reported).then(|| reported.to_owned())
        }
    }
}

/// A name that separates, opens and closes nothing in any of the comments.
fn is_name(rule: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '@');
    rule.len() <= LONGEST_RULE
        && rule.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '@')
        && rule.chars().all(plain)
        && !["//", "--"].iter().any(|sign| rule.contains(sign))
}

/// What stands behind the comment's sign.
pub(super) fn directive(way: &Way, rule: &str, reason: &str) -> String {
    let mut words = format!("{}{rule}{}", way.spelled, way.closed);
    if way.word == super::markers::PRAGMA {
        words = format!("{} {rule}", way.spelled);
    }
    match way.reason {
        _ if reason.is_empty() => {}
        Reason::Never => {}
        Reason::Behind(sign) | Reason::Required(sign) => {
            words.push_str(sign);
            words.push_str(reason);
        }
        Reason::Brackets => {
            words.push_str(" (");
            words.push_str(reason);
            words.push(')');
        }
    }
    words
}

/// The reason as it may stand in the way's comment in any language: one line that shows all it holds, and ends neither
/// the comment nor the line. `None` where its words would silence a tool.
pub(super) fn reason(way: &Way, given: &str) -> Option<String> {
    let mut words = String::new();
    let mut kept = 0;
    for c in given.chars() {
        // Java and C read escapes and continued lines in comments, too.
        let c = if c == '\\' { '/' } else { c };
        if c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
            if !words.is_empty() && !words.ends_with(' ') {
                words.push(' ');
            }
        } else if !is_unseen(c) {
            if kept == LONGEST_REASON {
                break;
            }
            words.push(c);
            kept += 1;
        }
    }
    for (sign, apart) in [("*/", "* /"), ("/*", "/ *"), ("-->", "- >"), ("--!>", "- >"), ("?>", "? >"), ("??/", "?")] {
        words = words.replace(sign, apart);
    }
    while words.contains("--") {
        words = words.replace("--", "-");
    }
    if way.reason == Reason::Brackets {
        words = words.replace('(', "[").replace(')', "]");
    }
    // Commas separate rules, and where nothing marks the reason a word behind one would be taken for one.
    let is_marked = matches!(way.reason, Reason::Behind(sign) if ["--", "#", "//"].contains(&sign.trim()));
    if !is_marked {
        words = words.replace(',', ";");
    }
    let words = words.trim().trim_start_matches(['-', '#', '/', ':', ';']).trim().to_owned();
    let silences = ["#", "//", "/*"].iter().any(|sign| {
        let alone = format!("{sign} {words}");
        !Suppressions::of(None, &alone).all().is_empty()
    });
    (!silences).then_some(words)
}

/// It shows nothing, or turns what follows it round.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}'
    )
}
