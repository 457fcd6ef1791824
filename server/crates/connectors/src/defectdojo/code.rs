//! The flagged code, as tools put it into the description: Markdown with a fenced block, or a list of steps.

use finding::{Evidence, FlowStep, Region, ScanPath};

/// Labels that stand before a block with the flagged code.
const LABELS: [&str; 6] = ["code:", "snippet:", "vulnerable code:", "string found:", "match:", "code snippet:"];
/// Longest flagged text that is taken, in lines; more is a listing of something else.
const MOST_LINES: usize = 40;
/// Most steps of a flow.
const MOST_STEPS: usize = 200;
/// What stands in place of code that the tool does not hand out.
const HIDDEN: [&str; 3] = ["REDACTED", "requires login", "*****"];

/// What the description says of the code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Code {
    /// The flagged text.
    pub(super) snippet: Option<String>,
    /// Lines around it with the number of the first.
    pub(super) context: Option<(u32, String)>,
}

/// The code that `description` shows of `line`.
pub(super) fn code(description: &str, line: Option<u32>) -> Code {
    let Some(block) = block(description) else { return Code::default() };
    let block = block.trim_end_matches([' ', '\t', '\r', '\n']);
    if block.trim().is_empty() || block.lines().count() > MOST_LINES || HIDDEN.iter().any(|word| block.contains(word)) {
        return Code::default();
    }
    match numbered(block) {
        Some((first, lines)) => {
            let at = line.and_then(|line| line.checked_sub(first)).and_then(|at| usize::try_from(at).ok());
            let snippet = at.and_then(|at| lines.get(at)).filter(|line| !line.trim().is_empty());
            Code { snippet: snippet.map(|line| (*line).to_owned()), context: Some((first, lines.join("\n"))) }
        }
        // Without a line nothing tells that the block is of this file.
        None if line.is_some() => {
            Code { snippet: Some(block.trim_start_matches(['\r', '\n']).to_owned()), context: None }
        }
        None => Code::default(),
    }
}

/// The first fenced block whose label says that it is the flagged code.
fn block(description: &str) -> Option<&str> {
    let mut before = "";
    let mut rest = description;
    loop {
        let open = rest.find("```")?;
        before = rest[..open].lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(before);
        let inside = &rest[open + 3..];
        // The word behind the fence is the language.
        let start = inside.find('\n')? + 1;
        let close = inside[start..].find("```")? + start;
        let label = before.trim().trim_matches('*').trim().to_ascii_lowercase();
        if LABELS.iter().any(|known| label.ends_with(known)) {
            return Some(&inside[start..close]);
        }
        rest = &inside[close + 3..];
    }
}

/// Lines that each begin with their number, as Bandit writes them: the first number, and the lines without.
fn numbered(block: &str) -> Option<(u32, Vec<&str>)> {
    let mut first = None;
    let mut lines = Vec::new();
    for line in block.lines() {
        let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u32 = line[..digits].parse().ok()?;
        let expected = *first.get_or_insert(number) as usize + lines.len();
        let text = &line[digits..];
        if number as usize != expected || number == 0 || !(text.is_empty() || text.starts_with([' ', '\t'])) {
            return None;
        }
        lines.push(text.get(1..).unwrap_or(""));
    }
    // One line alone may just be code that begins with a number.
    Some((first?, lines)).filter(|(_, lines)| lines.len() > 1)
}

/// The steps that Checkmarx lists, each with line, column, object and code, source first. All are taken to be in `path`
/// but the first, which is in `source`.
pub(super) fn steps(description: &str, path: &ScanPath, source: &ScanPath) -> Vec<FlowStep> {
    let mut steps: Vec<FlowStep> = Vec::new();
    for part in description.split("\n-----").take(MOST_STEPS) {
        let field = |name: &str| {
            let found = part.lines().find_map(|line| line.trim().strip_prefix(name));
            found.map(str::trim).filter(|value| !value.is_empty())
        };
        let (Some(line), Some(code)) = (field("**Line Number:**"), field("**Code:**")) else { continue };
        let Some(line) = line.parse().ok().filter(|line| *line > 0) else { continue };
        let object = field("**Source Object:**").unwrap_or_default();
        let column = field("**Column:**").and_then(|column| column.parse::<u32>().ok()).filter(|column| *column > 0);
        let width = u32::try_from(object.chars().count()).unwrap_or(0);
        let end_column = column.filter(|_| width > 0).and_then(|column| column.checked_add(width));
        let place = if steps.is_empty() { source } else { path };
        steps.push(FlowStep {
            evidence: Evidence {
                path: Some(place.clone()),
                region: Some(Region { column, end_column, ..Region::line(line) }),
                snippet: (!object.is_empty() && column.is_some()).then(|| object.to_owned()),
                context: Some((line, code.to_owned())),
                ..Evidence::default()
            },
            message: object.to_owned(),
        });
    }
    if steps.len() < 2 { Vec::new() } else { steps }
}

/// The code of the last listed step at `line`, white space at its ends cut off by the tool.
pub(super) fn step_at(description: &str, line: u32) -> Option<&str> {
    let label = format!("**Line Number:** {line}");
    description.split("\n-----").take(MOST_STEPS).filter(|part| part.lines().any(|text| text.trim() == label)).find_map(
        |part| {
            part.lines()
                .find_map(|text| text.trim().strip_prefix("**Code:**"))
                .map(str::trim)
                .filter(|code| !code.is_empty())
        },
    )
}

/// The value of a line such as `**Result message:** x`, up to the next such line.
pub(super) fn field<'a>(description: &'a str, name: &str) -> Option<&'a str> {
    let label = format!("**{name}");
    let after = &description[description.find(&label)? + label.len()..];
    // Some tools set the colon in bold, some do not.
    let rest = after.strip_prefix(":**").or_else(|| after.strip_prefix("**:"))?;
    let end = [rest.find("\n**"), rest.find("\n```")].into_iter().flatten().min().unwrap_or(rest.len());
    let value = rest[..end].trim().trim_matches('`');
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_taken_where_it_is_plausibly_the_flagged_one() {
        let bandit = "**Test ID:** `B110`\n**Code:**\n```\n16     a()\n17     except:\n18         pass\n19 \n\n```";
        let found = code(bandit, Some(17));
        assert_eq!(found.snippet.as_deref(), Some("    except:"));
        assert_eq!(found.context, Some((16, "    a()\n    except:\n        pass\n".to_owned())));
        for (description, line, snippet) in [
            (bandit, Some(40), None),
            ("**Snippet:**\n```\nFROM python:3\n```\n**Rule name:** x", Some(1), Some("FROM python:3")),
            ("**Snippet:**\n```py\n    eval(x)\n```", Some(3), Some("    eval(x)")),
            ("**Snippet:**\n```\nFROM python:3\n```", None, None),
            ("**Snippet:**\n```\nrequires login\n```", Some(1), None),
            ("**String Found:**\n\n```\nexport JEKYLL_REDACTED\n```", Some(3), None),
            ("**Example:**\n```\nuse this\n```", Some(1), None),
            ("**Example:**\n```\nnot this\n```\n**Code:**\n```\nthis\n```", Some(1), Some("this")),
            ("**Code:**\n```\n1 + 1\n```", Some(7), Some("1 + 1")),
            ("**Code:**\n```\n5 a\n7 b\n```", Some(7), Some("5 a\n7 b")),
            ("**Code:**\n```\n\n```", Some(7), None),
            ("**Code:**\n```\nnever closed", Some(7), None),
            ("**Code:** ```", Some(7), None),
            ("", Some(1), None),
        ] {
            assert_eq!(code(description, line).snippet.as_deref(), snippet, "{description}");
        }
    }

    #[test]
    fn a_listing_of_steps_becomes_a_flow() {
        let text = "**Status:** New\n-----\n**Line Number:** 38\n**Column:** 52\n**Source Object:** login\n**Number:** 38\n\
                    **Code:** f(login)\n-----\n**Line Number:** 50\n**Column:** 53\n**Source Object:** run\n**Code:** x.run()\n-----";
        let flow = steps(text, &"a.java".to_owned(), &"b.java".to_owned());
        let shown: Vec<_> = flow
            .iter()
            .map(|step| (step.evidence.path.as_deref().unwrap(), step.evidence.region.unwrap(), step.message.as_str()))
            .collect();
        let region = |line, column, end| Region { column: Some(column), end_column: Some(end), ..Region::line(line) };
        assert_eq!(shown, [("b.java", region(38, 52, 57), "login"), ("a.java", region(50, 53, 56), "run")]);
        assert_eq!(steps("**Line Number:** 3\n**Code:** x", &"a".to_owned(), &"a".to_owned()), []);
        assert_eq!(
            steps(
                "**Line Number:** 0\n**Code:** x\n-----\n**Line Number:** -1\n**Code:** y",
                &"a".to_owned(),
                &"a".to_owned()
            ),
            []
        );
    }

    #[test]
    fn a_field_ends_where_the_next_one_begins() {
        let text = "**Result message:** one\ntwo\n**Snippet:**\n```\nx\n```\n**Rule name:** `r`";
        assert_eq!(field(text, "Result message"), Some("one\ntwo"));
        assert_eq!(field(text, "Rule name"), Some("r"));
        assert_eq!(field(text, "Snippet"), None);
        assert_eq!(field(text, "Nothing"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_description_is_read_without_harm(text in "(\\*\\*(Code|Snippet|Line Number):\\*\\*|```|-----|[0-9]{1,12}| |\n|é|x){0,40}", line in 0u32..50) {
            let _ = code(&text, Some(line));
            let _ = steps(&text, &"a".to_owned(), &"b".to_owned());
            let _ = field(&text, "Code");
        }
    }
}
