//! What a module says, taken from the evaluator's own parse: its package, imports, rules, and what each rule refers to.

use std::ops::Range;

use serde_json::Value;

use super::{Error, Reads};

/// One Rego file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unit {
    /// Path inside the bundle.
    pub(crate) file: String,
    /// Parts of the package's path, without `data`.
    pub(crate) package: Vec<String>,
    /// Line of the package clause.
    pub(crate) line: u32,
    /// Alias and target of each import.
    pub(crate) imports: Vec<(String, Vec<String>)>,
    /// Rules in order.
    pub(crate) rules: Vec<RuleSyntax>,
}

/// One definition of a rule or function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleSyntax {
    /// Parts of its name inside the package, as far as they are constant.
    pub(crate) name: Vec<String>,
    /// Whether it takes arguments.
    pub(crate) is_function: bool,
    /// Line of its head.
    pub(crate) line: u32,
    /// What it refers to.
    pub(crate) references: Vec<Reference>,
    /// Names that `some` and `every` declare in it.
    pub(crate) locals: Vec<String>,
}

/// A name that is used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Its parts, as far as they are constant; empty: it is computed.
    pub(crate) path: Vec<String>,
    /// How it is used.
    pub(crate) role: Role,
    /// Line, from 1.
    pub(crate) line: u32,
    /// Column, from 1.
    pub(crate) column: u32,
    /// Bytes of its first part in the file.
    pub(crate) root: Range<usize>,
    /// Whether it is that part alone, not a chain.
    pub(crate) is_bare: bool,
}

/// How a name is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its value is read.
    Value,
    /// It is called.
    Call,
    /// It stands in for something else, or is stood in for (`with … as …`).
    Mock,
}

impl Unit {
    /// What it reads of the input.
    pub(crate) fn reads(&self) -> Reads {
        let mut reads = Reads::nothing();
        let imported = self.imports.iter().map(|(_, path)| path);
        let referred = self.rules.iter().flat_map(|rule| rule.references.iter().map(|reference| &reference.path));
        for path in imported.chain(referred).filter(|path| path.first().is_some_and(|root| root == "input")) {
            reads.add(path[1..].iter().map(String::as_str));
        }
        reads
    }
}

impl RuleSyntax {
    /// `data.package.name`.
    pub(crate) fn path(&self, unit: &Unit) -> Vec<String> {
        unit.package.iter().chain(&self.name).cloned().collect()
    }
}

/// Reads every module that `engine` has parsed.
pub(crate) fn units(origin: &str, engine: &regorus::Engine) -> Result<Vec<Unit>, Error> {
    let unread = |message: String| Error::Internal { origin: origin.to_owned(), message };
    let json = engine.get_ast_as_json().map_err(|error| unread(error.to_string()))?;
    let mut reader = serde_json::Deserializer::from_str(&json);
    // Expressions nest 32 deep at most, each some levels of JSON: more than serde_json's own bound, far below the stack.
    reader.disable_recursion_limit();
    let modules: Vec<Value> =
        serde::Deserialize::deserialize(&mut reader).map_err(|error| unread(format!("its parse: {error}")))?;
    Ok(modules.iter().map(unit).collect())
}

fn unit(module: &Value) -> Unit {
    let ast = &module["ast"];
    let text = module["source"]["contents"].as_str().unwrap_or("");
    let rules = ast["rules"].as_array().map_or(&[][..], Vec::as_slice);
    Unit {
        file: module["source"]["file"].as_str().unwrap_or("").to_owned(),
        package: constant_path(&ast["package"]["refr"]),
        line: number(&ast["package"]["span"]["line"]),
        imports: ast["imports"]
            .as_array()
            .map_or_else(Vec::new, |imports| imports.iter().map(|found| import(found, text)).collect()),
        rules: rules.iter().map(|found| rule(found, text)).collect(),
    }
}

fn import(import: &Value, text: &str) -> (String, Vec<String>) {
    let path = constant_path(&import["refr"]);
    // Of an alias the parse gives the place, not the text.
    let alias = text.get(bytes(&import["as"])).filter(|alias| !alias.is_empty()).map(str::to_owned);
    (alias.or_else(|| path.last().cloned()).unwrap_or_default(), path)
}

/// Bytes of a span; none for what is no span.
fn bytes(span: &Value) -> Range<usize> {
    let offset = |name: &str| span[name].as_u64().and_then(|offset| usize::try_from(offset).ok()).unwrap_or(0);
    offset("start")..offset("end")
}

fn rule(rule: &Value, text: &str) -> RuleSyntax {
    let mut references = Vec::new();
    let mut locals = Vec::new();
    declared(&rule["Spec"], text, &mut locals);
    let (body, head) = match (&rule["Spec"], &rule["Default"]) {
        (Value::Null, default) => (default, default),
        (spec, _) => (spec, spec["head"].as_object().and_then(|head| head.values().next()).unwrap_or(&Value::Null)),
    };
    let (name, computed) = chain(&head["refr"]).unwrap_or_default();
    for index in computed {
        walk(index, &mut references);
    }
    let arguments = head["args"].as_array().map_or(&[][..], Vec::as_slice);
    for part in arguments.iter().chain([&head["assign"], &head["key"], &head["value"], &body["bodies"]]) {
        walk(part, &mut references);
    }
    RuleSyntax {
        name,
        is_function: !arguments.is_empty() || rule["Spec"]["head"]["Func"].is_object(),
        line: number(&head["span"]["line"]),
        references,
        locals,
    }
}

/// Names that `some` and `every` declare; of these the parse gives places.
fn declared(node: &Value, text: &str, locals: &mut Vec<String>) {
    let mut name = |span: &Value| locals.extend(text.get(bytes(span)).map(str::to_owned));
    if let Some(names) = node["SomeVars"]["vars"].as_array() {
        names.iter().for_each(&mut name);
    }
    if let Some(every) = node.get("Every") {
        name(&every["key"]);
        name(&every["value"]);
    }
    match node {
        Value::Array(items) => items.iter().for_each(|item| declared(item, text, locals)),
        Value::Object(fields) => fields.values().for_each(|field| declared(field, text, locals)),
        _ => {}
    }
}

fn walk(node: &Value, found: &mut Vec<Reference>) {
    match node {
        Value::Array(items) => items.iter().for_each(|item| walk(item, found)),
        Value::Object(fields) => {
            for (name, field) in fields {
                match name.as_str() {
                    "Var" | "RefDot" | "RefBrack" => reference(node, Role::Value, found),
                    "Call" => {
                        reference(&field["fcn"], Role::Call, found);
                        walk(&field["params"], found);
                    }
                    "with_mods" => field.as_array().into_iter().flatten().for_each(|replaced| {
                        reference(&replaced["refr"], Role::Mock, found);
                        match chain(&replaced["as"]) {
                            Some(_) => reference(&replaced["as"], Role::Mock, found),
                            None => walk(&replaced["as"], found),
                        }
                    }),
                    "span" => {}
                    _ => walk(field, found),
                }
            }
        }
        _ => {}
    }
}

fn reference(node: &Value, role: Role, found: &mut Vec<Reference>) {
    let span = node.as_object().and_then(|node| node.values().next()).map_or(&Value::Null, |node| &node["span"]);
    let (line, column) = (number(&span["line"]), number(&span["col"]));
    let is_bare = node.get("Var").is_some();
    if let Some((path, computed)) = chain(node) {
        let mut root = node;
        while let Some(inner) = root.get("RefDot").or_else(|| root.get("RefBrack")) {
            root = &inner["refr"];
        }
        found.push(Reference { path, role, line, column, root: bytes(&root["Var"]["span"]), is_bare });
        for index in computed {
            walk(index, found);
        }
        return;
    }
    if role == Role::Call {
        found.push(Reference { path: Vec::new(), role, line, column, root: 0..0, is_bare });
    }
    // The root is no name (a call's answer, a literal): what it is made of may hold names.
    match node.as_object().and_then(|node| node.iter().next()) {
        Some((kind, inner)) if kind == "RefDot" || kind == "RefBrack" => {
            walk(&inner["refr"], found);
            walk(&inner["index"], found);
        }
        _ => walk(node, found),
    }
}

/// The constant start of a chain `a.b["c"][x]` and its computed indices; `None` when its root is no name.
fn chain(node: &Value) -> Option<(Vec<String>, Vec<&Value>)> {
    let mut parts: Vec<Option<&str>> = Vec::new();
    let mut computed = Vec::new();
    let mut at = node;
    loop {
        if let Some(variable) = at.get("Var") {
            parts.push(variable["value"].as_str());
            break;
        } else if let Some(dot) = at.get("RefDot") {
            parts.push(dot["field"][1].as_str());
            at = &dot["refr"];
        } else if let Some(brackets) = at.get("RefBrack") {
            let index = &brackets["index"];
            let constant =
                index.get("String").or_else(|| index.get("RawString")).and_then(|text| text["value"].as_str());
            if constant.is_none() {
                computed.push(index);
            }
            parts.push(constant);
            at = &brackets["refr"];
        } else {
            return None;
        }
    }
    Some((parts.into_iter().rev().map_while(|part| part.map(str::to_owned)).collect(), computed))
}

/// A path under `data` as Rego writes it: parts that are no plain names in brackets.
pub(crate) fn reference_text(path: &[String]) -> String {
    let mut text = "data".to_owned();
    for part in path {
        let mut characters = part.chars();
        let plain = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
            && characters.all(|character| character.is_ascii_alphanumeric() || character == '_');
        if plain {
            text.push('.');
            text.push_str(part);
        } else {
            text.push('[');
            text.push_str(&Value::from(part.as_str()).to_string());
            text.push(']');
        }
    }
    text
}

fn constant_path(node: &Value) -> Vec<String> {
    chain(node).map(|(path, _)| path).unwrap_or_default()
}

fn number(value: &Value) -> u32 {
    value.as_u64().and_then(|number| u32::try_from(number).ok()).unwrap_or(0)
}
