//! No rule takes a package of several files as a whole: the evaluator would take some of its rules for undefined, where
//! OPA has their values.

use std::collections::{HashMap, HashSet};

use super::syntax::Unit;
use super::{Error, Spot};
use crate::bundle::Module;

/// Checks the rules of `checked` against the packages of `all`.
pub(crate) fn check_whole_packages(
    origin: &str,
    checked: &[Unit],
    all: &[Unit],
    texts: &[Module],
) -> Result<(), Error> {
    let mut files: HashMap<&[String], usize> = HashMap::new();
    for unit in all {
        *files.entry(&unit.package).or_default() += 1;
    }
    // Every start of the path of a package of several files.
    let whole: HashSet<&[String]> = files
        .iter()
        .filter(|(_, files)| **files > 1)
        .flat_map(|(package, _)| (0..=package.len()).map(|end| &package[..end]))
        .collect();
    for unit in checked {
        for rule in &unit.rules {
            for reference in &rule.references {
                let Some(path) = under_data(unit, &reference.path) else { continue };
                if whole.contains(&path[..]) && !rule.locals.contains(&reference.path[0]) {
                    let text = texts.iter().find(|module| module.path == unit.file).map_or("", |module| &module.text);
                    return Err(Error::Refused {
                        origin: origin.to_owned(),
                        spot: Box::new(Spot::new(&unit.file, text, reference.line, reference.column)),
                        rule: Some(rule.path(unit).join(".")),
                        message: format!(
                            "it takes {} as a whole, which lies in several files: name the rules that you need (data.aspm.defaults.risk)",
                            std::iter::once("data")
                                .chain(path.iter().map(String::as_str))
                                .collect::<Vec<_>>()
                                .join(".")
                        ),
                    });
                }
            }
        }
    }
    Ok(())
}

/// The path under `data` that a reference leads to.
fn under_data(unit: &Unit, path: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    if first == "data" {
        return Some(rest.to_vec());
    }
    let (_, import) = unit.imports.iter().find(|(alias, import)| alias == first && import[0] == "data")?;
    Some(import[1..].iter().chain(rest).cloned().collect())
}
