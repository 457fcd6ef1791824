//! The text of a file to fill in, and what somebody wrote into it.

use finding::wire::{InputAnswer, InputField, InputKind, InputRequest};

/// The file as it is opened.
pub(super) fn text(request: &InputRequest) -> String {
    let mut lines = vec![format!("# {}", request.title)];
    if request.findings.len() > 1 {
        lines.extend(request.findings.iter().map(|finding| format!("#   {finding}")));
    }
    lines.push("#".to_owned());
    lines.push("# Saving this file submits it; without a reason it is cancelled.".to_owned());
    lines.push("# Lines that begin with # are left out.".to_owned());
    for field in &request.fields {
        lines.push(String::new());
        lines.push(format!("# {}{}", field.label, remark(field)));
        lines.extend(field.choices.iter().map(|choice| format!("#   {}: {}", choice.value, choice.label)));
        let value = if field.value.is_empty() { String::new() } else { format!(" {}", field.value) };
        lines.push(format!("{}:{value}", field.name));
    }
    lines.join("\n") + "\n"
}

fn remark(field: &InputField) -> String {
    let only = field.only_for.join(" and ");
    let only = if only.is_empty() { only } else { format!(" (of {only})") };
    match field.kind {
        InputKind::Date => format!("{only}, as 2027-01-31"),
        InputKind::Text => format!("{only}; it may go on over several lines"),
        InputKind::Choice | InputKind::Tags => only,
    }
}

/// What stands in it: each field's words, those of a text over all lines up to the next field.
pub(super) fn read(request: &InputRequest, text: &str) -> InputAnswer {
    let mut answer = InputAnswer::new();
    let mut current: Option<&InputField> = None;
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let begins = line.split_once(':').and_then(|(name, rest)| {
            let field = request.fields.iter().find(|field| field.name == name.trim());
            // A reason may hold the words of a field once its own line has come.
            field.filter(|field| !answer.contains_key(&field.name)).map(|field| (field, rest))
        });
        match (begins, current) {
            (Some((field, rest)), _) => {
                answer.insert(field.name.clone(), rest.trim().to_owned());
                current = Some(field);
            }
            (None, Some(field)) if field.kind == InputKind::Text => {
                let words = answer.entry(field.name.clone()).or_default();
                words.push('\n');
                words.push_str(line.trim_end());
            }
            (None, _) => {}
        }
    }
    for words in answer.values_mut() {
        *words = words.trim().to_owned();
    }
    answer
}

#[cfg(test)]
mod tests {
    use finding::wire::InputChoice;

    use super::*;

    fn request() -> InputRequest {
        let field = |name: &str, kind: InputKind, value: &str| InputField {
            name: name.to_owned(),
            label: format!("The {name}"),
            kind,
            value: value.to_owned(),
            choices: Vec::new(),
            only_for: Vec::new(),
        };
        let choice = InputChoice { value: "accept".to_owned(), label: "Accept the risk".to_owned() };
        InputRequest {
            version: 1,
            title: "Use of eval (3c1eb2)".to_owned(),
            findings: vec!["one".to_owned(), "two".to_owned()],
            fields: vec![
                InputField { choices: vec![choice], ..field("status", InputKind::Choice, "") },
                InputField { only_for: vec!["accept".to_owned()], ..field("until", InputKind::Date, "2027-02-21") },
                field("reason", InputKind::Text, ""),
            ],
        }
    }

    #[test]
    fn what_is_filled_in_is_read_back() {
        let request = request();
        let text = text(&request);
        let empty = read(&request, &text);
        assert_eq!(
            (empty["status"].as_str(), empty["until"].as_str(), empty["reason"].as_str()),
            ("", "2027-02-21", "")
        );
        let filled = text
            .replace("status:", "status: accept")
            .replace("reason:", "reason: Two lines:\n\nuntil: then # no comment\n# left out\n  and status: open\r\n");
        let answer = read(&request, &filled);
        assert_eq!((answer["status"].as_str(), answer["until"].as_str()), ("accept", "2027-02-21"));
        assert_eq!(answer["reason"], "Two lines:\n\nuntil: then # no comment\n  and status: open");
    }

    #[test]
    fn what_is_no_form_any_more_says_nothing() {
        for text in ["", "hello", "# reason: x", "other: x\nmore", ":"] {
            assert!(read(&request(), text).values().all(String::is_empty), "{text}");
        }
    }

    #[test]
    fn the_form_explains_itself() {
        let text = text(&request());
        for line in [
            "# Use of eval (3c1eb2)",
            "#   two",
            "# Saving this file submits it; without a reason it is cancelled.",
            "#   accept: Accept the risk",
            "# The until (of accept), as 2027-01-31",
        ] {
            assert!(text.lines().any(|known| known == line), "{line:?} is not in {text}");
        }
    }
}
