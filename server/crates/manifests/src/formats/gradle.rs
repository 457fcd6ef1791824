//! Gradle: build scripts in Groovy and Kotlin, and version catalogs. A script is a program: what is read are
//! coordinates in quotes, named parts (`group: 'a', name: 'b', version: '1'`), and variables that hold a plain text.

use std::collections::HashMap;
use std::ops::Range;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};
use crate::read::table::{self, Table, Value};

pub(super) fn script(text: &str, manifest: &mut Manifest) {
    let code = without_comments(text);
    let mut variables: HashMap<String, Token> = HashMap::new();
    let mut start = 0;
    for line in code.split_inclusive('\n') {
        if let Some((name, token)) = variable(text, line, start) {
            variables.entry(name).or_insert(token);
        }
        start += line.len();
    }
    let mut start = 0;
    // Depths of open blocks of constraints, and of brackets.
    let (mut depth, mut managed_at) = (0_usize, None);
    for line in code.split_inclusive('\n') {
        let strings = quoted(line);
        let is_constraints = line.trim_start().starts_with("constraints") && line.contains('{');
        if is_constraints && managed_at.is_none() {
            managed_at = Some(depth);
        }
        let relation = if managed_at.is_some() { Relation::Managed } else { relation(line) };
        if let Some(package) = named_parts(text, line, start, &strings, relation, &variables) {
            manifest.push(package);
        } else {
            for string in &strings {
                let range = start + string.start..start + string.end;
                if let Some(package) = coordinates(text, range, Format::Gradle, relation, &variables) {
                    manifest.push(package);
                }
            }
        }
        for byte in line.bytes() {
            match byte {
                b'{' => depth += 1,
                b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if managed_at.is_some_and(|at| depth <= at) {
            managed_at = None;
        }
        start += line.len();
    }
}

fn relation(line: &str) -> Relation {
    let word = line.trim_start();
    if word.starts_with("test") || word.starts_with("androidTest") || word.starts_with("classpath") {
        Relation::Development
    } else {
        Relation::Direct
    }
}

/// The same text with comments blanked, so that places stay.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    let mut quote: Option<char> = None;
    while let Some(character) = rest.chars().next() {
        let comment = match quote {
            None if rest.starts_with("//") => Some(rest.find('\n').unwrap_or(rest.len())),
            None if rest.starts_with("/*") => Some(rest.find("*/").map_or(rest.len(), |at| at + 2)),
            _ => None,
        };
        if let Some(len) = comment {
            code.extend(rest[..len].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
            rest = &rest[len..];
            continue;
        }
        match (quote, character) {
            (None, '"' | '\'') => quote = Some(character),
            (Some(open), other) if other == open || other == '\n' => quote = None,
            _ => {}
        }
        code.push(character);
        rest = &rest[character.len_utf8()..];
    }
    code
}

/// Insides of quoted texts of a line.
fn quoted(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(open) = line[at..].find(['"', '\'']).map(|found| at + found) {
        let quote = char::from(line.as_bytes()[open]);
        let Some(len) = line[open + 1..].find(quote) else { break };
        found.push(open + 1..open + 1 + len);
        at = open + len + 2;
    }
    found
}

/// `def v = '1'`, `val v = "1"`, `ext.v = '1'`, `set("v", "1")`, `v = '1'`.
fn variable(text: &str, line: &str, start: usize) -> Option<(String, Token)> {
    let (left, right) = line.split_once('=')?;
    let value = quoted(right).into_iter().next().filter(|range| right[..range.start - 1].trim().is_empty())?;
    let name = left.trim().trim_end_matches(']').trim_matches(['"', '\'']);
    let name = name.rsplit([' ', '.', '[', '\'', '"']).next()?;
    let name = name.split(':').next()?.trim();
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let from = start + left.len() + 1;
    Some((name.to_owned(), Token::of(text, from + value.start..from + value.end)))
}

/// `group:artifact:version`, with a classifier or `@type` behind; the version may be a variable or missing.
fn coordinates(
    text: &str,
    range: Range<usize>,
    format: Format,
    relation: Relation,
    variables: &HashMap<String, Token>,
) -> Option<Package> {
    let whole = text.get(range.clone())?;
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let group_end = whole.find(':')?;
    let artifact_end = whole[group_end + 1..].find([':', '@']).map_or(whole.len(), |at| group_end + 1 + at);
    let (group, artifact) = (&whole[..group_end], &whole[group_end + 1..artifact_end]);
    if !is_word(group) || !is_word(artifact) || artifact.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let name = Token::new(format!("{group}:{artifact}"), range.start..range.start + artifact_end);
    let version = whole.get(artifact_end + 1..).filter(|_| whole[artifact_end..].starts_with(':'));
    let version = version.map(|rest| {
        // A range holds colons in no case, a variable in braces may.
        let len = if rest.starts_with("${") {
            rest.find('}').map_or(rest.len(), |at| at + 1)
        } else {
            rest.find([':', '@']).unwrap_or(rest.len())
        };
        let from = range.start + artifact_end + 1;
        Token::of(text, from..from + len)
    });
    // An address such as `http://x` is none; neither is a path of a task (`:a:b`).
    if version.is_none() && !group.contains('.') {
        return None;
    }
    Some(with_variable(Package::new(format, name, version.filter(|token| !token.text.is_empty()), relation), variables))
}

fn with_variable(mut package: Package, variables: &HashMap<String, Token>) -> Package {
    let Some(version) = &package.version else {
        package.pinned_by = Some("its version comes from a platform or a plugin");
        return package;
    };
    if let Some(name) = version.text.strip_prefix('$') {
        let name = name.trim_matches(['{', '}']).rsplit('.').next().unwrap_or(name);
        match variables.get(name) {
            Some(token) => package.definition = Some(token.clone()),
            None => package.pinned_by = Some("its version is a variable that is not defined as a plain text here"),
        }
    } else if version.text.contains('$') {
        package.pinned_by = Some("its version is put together from variables");
    }
    package
}

/// `group: 'a', name: 'b', version: '1'`, in Kotlin with `=`.
fn named_parts(
    text: &str,
    line: &str,
    start: usize,
    strings: &[Range<usize>],
    relation: Relation,
    variables: &HashMap<String, Token>,
) -> Option<Package> {
    let part = |name: &str| {
        strings.iter().find(|range| {
            let before = line[..range.start - 1].trim_end();
            let before = before.strip_suffix([':', '=']).map(str::trim_end);
            before
                .and_then(|before| before.strip_suffix(name))
                .is_some_and(|rest| !rest.ends_with(char::is_alphanumeric))
        })
    };
    let at = |range: &Range<usize>| start + range.start..start + range.end;
    let (group, artifact) = (part("group")?, part("name")?);
    let name = Token::new(format!("{}:{}", &line[group.clone()], &line[artifact.clone()]), at(artifact));
    let version = part("version").map(|range| Token::of(text, at(range)));
    Some(with_variable(Package::new(Format::Gradle, name, version, relation), variables))
}

pub(super) fn catalog(text: &str, manifest: &mut Manifest) {
    let (document, notice) = table::read(text);
    manifest.notices.extend(notice);
    let Some(document) = document else { return };
    let root = document.root();
    let mut versions: HashMap<String, Token> = HashMap::new();
    for (name, value) in root.table("versions").into_iter().flat_map(Table::members) {
        versions.extend(rich(value).map(|token| (name.text, token)));
    }
    for (alias, value) in root.table("libraries").into_iter().flat_map(Table::members) {
        if let Some(coordinate) = value.token() {
            if let Some(found) = coordinates(text, coordinate.range, Format::Catalog, Relation::Direct, &versions) {
                manifest.push(found);
            }
            continue;
        }
        let Some(table) = value.table() else { continue };
        let token = |name: &str| table.get(name).and_then(Value::token);
        let name = match (token("module"), token("group"), token("name")) {
            (Some(module), ..) => module,
            (None, Some(group), Some(name)) => Token::new(format!("{}:{}", group.text, name.text), name.range),
            _ => continue,
        };
        let reference = table.table("version").and_then(|version| version.get("ref")).and_then(Value::token);
        let own = table.get("version").and_then(rich);
        let mut package = Package::new(Format::Catalog, name, own, Relation::Direct);
        match reference.map(|reference| versions.get(&reference.text).cloned().ok_or(reference)) {
            // The version is written once, up there: that is the place to look at and to change.
            Some(Ok(token)) => package.version = Some(token),
            Some(Err(reference)) => {
                manifest.notice(format!("{} names the version {}, which is not there", alias.text, reference.text));
            }
            None => {}
        }
        if package.version.is_none() {
            package.pinned_by = Some("its version comes from a platform");
        }
        manifest.push(package);
    }
}

/// A version as a text, or the strictest of a rich one.
fn rich(value: Value<'_, '_>) -> Option<Token> {
    value.token().or_else(|| {
        let table = value.table()?;
        ["strictly", "require", "prefer"].iter().find_map(|name| table.get(name).and_then(Value::token))
    })
}
