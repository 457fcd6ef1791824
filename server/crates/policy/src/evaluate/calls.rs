//! What a policy may call: its own functions, the built-in policy's, and what OPA has and every run answers alike.
//! Checked before anything runs, in every rule, called or not.

use std::collections::{HashMap, HashSet};

use super::bounds::Bounds;
use super::syntax::{Reference, Role, RuleSyntax, Unit};
use super::{Error, Spot};
use crate::bundle::Module;

/// Functions of OPA that this build offers and that are pure, in order.
const PURE: &[&str] = &[
    "abs",
    "array.concat",
    "array.reverse",
    "array.slice",
    "bits.and",
    "bits.lsh",
    "bits.negate",
    "bits.or",
    "bits.rsh",
    "bits.xor",
    "ceil",
    "concat",
    "contains",
    "count",
    "endswith",
    "floor",
    "format_int",
    "glob.match",
    "glob.quote_meta",
    "indexof",
    "indexof_n",
    "intersection",
    "is_array",
    "is_boolean",
    "is_null",
    "is_number",
    "is_object",
    "is_set",
    "is_string",
    "json.filter",
    "json.is_valid",
    "json.marshal",
    "json.marshal_with_options",
    "json.match_schema",
    "json.remove",
    "json.unmarshal",
    "json.verify_schema",
    "lower",
    "max",
    "min",
    "numbers.range",
    "numbers.range_step",
    "object.filter",
    "object.get",
    "object.keys",
    "object.remove",
    "object.subset",
    "object.union",
    "object.union_n",
    "print",
    "product",
    "regex.find_n",
    "regex.is_valid",
    "regex.match",
    "regex.replace",
    "regex.split",
    "regex.template_match",
    "replace",
    "round",
    "semver.compare",
    "semver.is_valid",
    "sort",
    "split",
    "sprintf",
    "startswith",
    "strings.any_prefix_match",
    "strings.any_suffix_match",
    "strings.count",
    "strings.replace_n",
    "strings.reverse",
    "substring",
    "sum",
    "time.add_date",
    "time.clock",
    "time.date",
    "time.diff",
    "time.format",
    "time.parse_duration_ns",
    "time.parse_ns",
    "time.parse_rfc3339_ns",
    "time.weekday",
    "to_number",
    "trace",
    "trim",
    "trim_left",
    "trim_prefix",
    "trim_right",
    "trim_space",
    "trim_suffix",
    "type_name",
    "union",
    "units.parse",
    "units.parse_bytes",
    "upper",
    "walk",
    "yaml.is_valid",
    "yaml.marshal",
    "yaml.unmarshal",
];

/// Functions of OPA whose answer depends on more than the input, and what to do instead.
const IMPURE: &[(&str, &str)] = &[
    ("http.send", "a policy has no network: put what it needs into the bundle's data"),
    ("net.lookup_ip_addr", "a policy has no network: put what it needs into the bundle's data"),
    ("opa.runtime", "a policy does not see where it runs: put what it needs into the bundle's data"),
    ("rand.intn", "a verdict may not depend on chance"),
    ("rego.metadata.chain", "use a rule of your own"),
    ("rego.metadata.rule", "use a rule of your own"),
    ("time.now_ns", "use input.now, so that the same inputs give the same verdict"),
    ("uuid.rfc4122", "a verdict may not depend on chance"),
];

/// Where a name that is called leads.
enum Target {
    /// A function of the policy.
    Own(Vec<String>),
    /// A function of OPA.
    BuiltIn(String),
}

/// Checks `checked` (the bundle's modules); `all` has the built-in policy's too, whose functions they may call.
pub(crate) fn check_calls(
    origin: &str,
    checked: &[Unit],
    all: &[Unit],
    texts: &[Module],
    bounds: &Bounds,
) -> Result<(), Error> {
    let functions: HashSet<Vec<String>> =
        definitions(all).filter(|(_, rule)| rule.is_function).map(|(unit, rule)| rule.path(unit)).collect();
    for (unit, rule) in definitions(checked) {
        let refuse = |line: u32, column: u32, message: String| {
            let text = texts.iter().find(|module| module.path == unit.file).map_or("", |module| &module.text);
            let spot = Box::new(Spot::new(&unit.file, text, line, column));
            Err(Error::Refused { origin: origin.to_owned(), spot, rule: Some(rule.path(unit).join(".")), message })
        };
        for reference in rule.references.iter().filter(|reference| reference.role != Role::Value) {
            if let Some(message) = refusal(unit, reference, &functions) {
                return refuse(reference.line, reference.column, message);
            }
        }
    }
    let graph = Graph::new(all, &functions);
    for (at, (unit, rule)) in definitions(all).enumerate() {
        let text = || texts.iter().find(|module| module.path == unit.file).map_or("", |module| &module.text);
        let refused = |message: String| Error::Refused {
            origin: origin.to_owned(),
            spot: Box::new(Spot::new(&unit.file, text(), rule.line, 1)),
            rule: Some(rule.path(unit).join(".")),
            message,
        };
        if rule.is_function && graph.calls_itself(at) {
            return Err(refused("it calls itself, directly or through others: Rego has no recursion".to_owned()));
        }
    }
    if let Some(at) = graph.too_deep(bounds.chain) {
        let (unit, rule) = definitions(all).nth(at).map_or((&all[0], None), |(unit, rule)| (unit, Some(rule)));
        let text = texts.iter().find(|module| module.path == unit.file).map_or("", |module| &module.text);
        return Err(Error::Refused {
            origin: origin.to_owned(),
            spot: Box::new(Spot::new(&unit.file, text, rule.map_or(1, |rule| rule.line), 1)),
            rule: rule.map(|rule| rule.path(unit).join(".")),
            message: format!("more than {} rules wait for one another here", bounds.chain),
        });
    }
    Ok(())
}

fn definitions(units: &[Unit]) -> impl Iterator<Item = (&Unit, &RuleSyntax)> {
    units.iter().flat_map(|unit| unit.rules.iter().map(move |rule| (unit, rule)))
}

/// Why a name may not be called or stand in for something; `None`: it may.
fn refusal(unit: &Unit, reference: &Reference, functions: &HashSet<Vec<String>>) -> Option<String> {
    if reference.path.is_empty() {
        return Some("it calls something that is no name".to_owned());
    }
    match (target(unit, &reference.path, functions), reference.role) {
        (Target::Own(path), Role::Call) => {
            (!functions.contains(&path)).then(|| format!("it calls data.{}, which no module defines", path.join(".")))
        }
        (Target::Own(_), _) => None,
        (Target::BuiltIn(name), role) => {
            if let Some((_, instead)) = IMPURE.iter().find(|(impure, _)| *impure == name) {
                return Some(format!("{name} is not available: {instead}"));
            }
            (role == Role::Call && PURE.binary_search(&name.as_str()).is_err())
                .then(|| format!("there is no function {name} here: no module defines it, and it is none of OPA's that this build has"))
        }
    }
}

/// Aliases first, then the package's own functions, then OPA's, as the language has it.
fn target(unit: &Unit, path: &[String], functions: &HashSet<Vec<String>>) -> Target {
    let mut whole: Vec<String> = path.to_vec();
    if let Some((_, import)) = unit.imports.iter().find(|(alias, import)| *alias == path[0] && import[0] == "data") {
        whole = import.iter().chain(&path[1..]).cloned().collect();
    }
    if whole[0] == "data" || whole[0] == "input" {
        return Target::Own(whole.split_off(1));
    }
    let own: Vec<String> = unit.package.iter().chain(path).cloned().collect();
    if functions.contains(&own) { Target::Own(own) } else { Target::BuiltIn(whole.join(".")) }
}

/// Which definition needs which other.
struct Graph {
    /// By definition: those that it calls.
    calls: Vec<Vec<usize>>,
    /// By definition: those whose value it may need.
    needs: Vec<Vec<usize>>,
}

impl Graph {
    fn new(units: &[Unit], functions: &HashSet<Vec<String>>) -> Self {
        let paths: Vec<Vec<String>> = definitions(units).map(|(unit, rule)| rule.path(unit)).collect();
        // Every definition by every start of its path: what a reference to a whole package needs.
        let mut by_prefix: HashMap<&[String], Vec<usize>> = HashMap::new();
        for (at, path) in paths.iter().enumerate() {
            for end in 0..=path.len() {
                by_prefix.entry(&path[..end]).or_default().push(at);
            }
        }
        let exact = |path: &[String]| {
            by_prefix.get(path).into_iter().flatten().copied().filter(|at| paths[*at] == path).collect::<Vec<_>>()
        };
        let mut graph = Self { calls: Vec::new(), needs: Vec::new() };
        for (unit, rule) in definitions(units) {
            let mut calls = Vec::new();
            let mut needs = Vec::new();
            for reference in rule.references.iter().filter(|reference| !reference.path.is_empty()) {
                let path = match target(unit, &reference.path, functions) {
                    Target::Own(path) => path,
                    Target::BuiltIn(_) => unit.package.iter().chain(&reference.path).cloned().collect(),
                };
                if reference.role != Role::Value {
                    calls.extend(exact(&path));
                }
                match by_prefix.get(&path[..]) {
                    Some(below) => needs.extend(below.iter().copied()),
                    // `rule.field` needs the rule.
                    None => needs.extend(
                        (1..path.len())
                            .rev()
                            .map(|end| exact(&path[..end]))
                            .find(|found| !found.is_empty())
                            .unwrap_or_default(),
                    ),
                }
            }
            needs.extend(&calls);
            for list in [&mut calls, &mut needs] {
                list.sort_unstable();
                list.dedup();
            }
            graph.calls.push(calls);
            graph.needs.push(needs);
        }
        graph
    }

    fn calls_itself(&self, start: usize) -> bool {
        let mut seen = HashSet::new();
        let mut next = self.calls[start].clone();
        while let Some(at) = next.pop() {
            if at == start {
                return true;
            }
            if seen.insert(at) {
                next.extend(&self.calls[at]);
            }
        }
        false
    }

    /// A definition from which more than `chain` others wait for one another. Circles are cut where they close: the
    /// evaluator itself refuses those when they happen.
    fn too_deep(&self, chain: usize) -> Option<usize> {
        let mut depths: Vec<Option<usize>> = vec![None; self.needs.len()];
        for start in 0..self.needs.len() {
            // Depth first without recursion: this runs before anything is known to be within bounds.
            let mut stack = vec![(start, 0)];
            let mut open: HashSet<usize> = HashSet::from([start]);
            while let Some((at, child)) = stack.pop() {
                if depths[at].is_some() {
                    continue;
                }
                if let Some(&next) = self.needs[at].get(child) {
                    stack.push((at, child + 1));
                    if depths[next].is_none() && open.insert(next) {
                        stack.push((next, 0));
                    }
                } else {
                    let deepest = self.needs[at].iter().filter_map(|next| depths[*next]).max();
                    let depth = deepest.map_or(0, |depth| depth + 1);
                    if depth > chain {
                        return Some(at);
                    }
                    depths[at] = Some(depth);
                    open.remove(&at);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_functions_is_in_order_and_has_nothing_impure() {
        assert!(PURE.is_sorted());
        assert!(IMPURE.iter().all(|(name, _)| PURE.binary_search(name).is_err()));
    }

    #[test]
    fn every_listed_function_is_one_that_the_evaluator_knows() {
        for name in PURE.iter().filter(|name| !["print", "walk"].contains(name)) {
            let mut engine = regorus::Engine::new();
            let text = format!("package p\nx := y if {{ y := {name}() }}\n");
            engine.add_policy("p.rego".to_owned(), text).expect("a module");
            let said =
                engine.eval_rule("data.p.x".to_owned()).map_or_else(|error| error.to_string(), |_| String::new());
            assert!(!said.contains("could not find function"), "{name}: {said}");
        }
    }
}
