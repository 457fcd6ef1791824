//! The package that a Rego file declares, as a path: needed before any Rego is run, to hold it to the manifest's roots.

/// `package a.b["c d"]` gives `a/b/c d`. `None`: no package clause that could be read, or a segment that could be
/// mistaken for two.
pub(super) fn path(rego: &str) -> Option<String> {
    let rest = after_space(rego).strip_prefix("package")?;
    let mut rest = after_blank(rest)?;
    let mut segments = vec![name(&mut rest)?];
    loop {
        if let Some(after) = rest.strip_prefix('.') {
            rest = after;
            segments.push(name(&mut rest)?);
        } else if let Some(after) = rest.strip_prefix('[') {
            rest = after.trim_start_matches([' ', '\t']);
            segments.push(quoted(&mut rest)?);
            rest = rest.trim_start_matches([' ', '\t']).strip_prefix(']')?;
        } else {
            break;
        }
    }
    let is_end = rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '#' || c == ';');
    is_end.then(|| segments.join("/"))
}

/// Past white space and comments.
fn after_space(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix('#') {
        rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
    }
    rest
}

fn after_blank(text: &str) -> Option<&str> {
    let rest = text.trim_start();
    (rest.len() < text.len()).then_some(rest)
}

fn name(rest: &mut &str) -> Option<String> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
    let (name, after) = rest.split_at(end);
    *rest = after;
    (!name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())).then(|| name.to_owned())
}

fn quoted(rest: &mut &str) -> Option<String> {
    let inner = rest.strip_prefix('"')?;
    let end = inner.find(['"', '\\', '\n'])?;
    let (text, after) = inner.split_at(end);
    *rest = after.strip_prefix('"')?;
    (!text.is_empty() && !text.contains('/')).then(|| text.to_owned())
}
