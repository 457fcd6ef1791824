//! Import aliases, spelled out before the evaluator sees them.
//!
//! For `alias.rule` the evaluator computes the alias' whole package first: slow, and wrong for a package of several
//! files (rules of the files that come later are taken for undefined). For `data.package.rule` it computes that rule.

use std::ops::Range;

use super::syntax::{RuleSyntax, Unit, reference_text};
use crate::bundle::Module;

/// `modules` with every `alias.…` written as `data.…`; lines stay, columns may not.
pub(crate) fn spelled_out(modules: &[Module], units: &[Unit]) -> Vec<Module> {
    let spell = |module: &Module| match units.iter().find(|unit| unit.file == module.path) {
        Some(unit) => Module { path: module.path.clone(), text: rewritten(&module.text, unit) },
        None => module.clone(),
    };
    modules.iter().map(spell).collect()
}

fn rewritten(text: &str, unit: &Unit) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    for rule in &unit.rules {
        for reference in rule.references.iter().filter(|reference| !reference.is_bare) {
            let alias = reference.path.first().map_or("", String::as_str);
            let target = unit.imports.iter().find(|(name, path)| name == alias && path[0] == "data");
            if let Some((_, path)) = target
                && !may_be_a_variable(rule, alias)
                && text.get(reference.root.clone()) == Some(alias)
            {
                edits.push((reference.root.clone(), reference_text(&path[1..])));
            }
        }
    }
    edits.sort_by_key(|(place, _)| place.start);
    edits.dedup();
    let mut spelled = String::with_capacity(text.len() + 16 * edits.len());
    let mut done = 0;
    for (place, instead) in edits {
        spelled.push_str(&text[done..place.start]);
        spelled.push_str(&instead);
        done = place.end;
    }
    spelled.push_str(&text[done..]);
    spelled
}

/// Whether the rule may use the name for something of its own: an argument, a local variable.
fn may_be_a_variable(rule: &RuleSyntax, name: &str) -> bool {
    let bare = |reference: &super::syntax::Reference| {
        reference.is_bare && reference.path.first().is_some_and(|part| part == name)
    };
    rule.locals.iter().any(|local| local == name) || rule.references.iter().any(bare)
}
