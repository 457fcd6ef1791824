//! The built-in rules as byte code, which takes less time than interpreting them.
//!
//! Rego that others write is expected: of the two ways to run it that is the older and better tried one. The built-in
//! rules are known, and a test holds both ways against each other on thousands of inputs.

use std::sync::Arc;
use std::time::Duration;

use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::Program;
use regorus::rvm::vm::RegoVM;
use regorus::utils::limits::ExecutionTimerConfig;
use regorus::{CompiledPolicy, Value};

use super::engine::STEPS;

/// Instructions of one verdict; the clock ends it long before.
const INSTRUCTIONS: usize = 50_000_000;

/// One rule with all that it needs.
pub(crate) struct Compiled {
    rule: String,
    policy: CompiledPolicy,
    program: Arc<Program>,
    data: Value,
}

impl Compiled {
    /// `None` where the rules use what the byte code does not know.
    pub(crate) fn new(policy: &CompiledPolicy, rule: &str, data: Value) -> Option<Self> {
        let program = Compiler::compile_from_policy(policy, &[rule]).ok()?;
        Some(Self { rule: rule.to_owned(), policy: policy.clone(), program, data })
    }

    /// Something to run it on, each evaluation at most `limit`.
    pub(crate) fn machine(&self, limit: Duration) -> Option<Machine<'_>> {
        let mut machine = RegoVM::new_with_policy(self.policy.clone());
        machine.load_program(self.program.clone());
        machine.set_data(self.data.clone()).ok()?;
        machine.set_max_instructions(INSTRUCTIONS);
        machine.set_execution_timer_config(Some(ExecutionTimerConfig { limit, check_interval: STEPS }));
        Some(Machine { rule: &self.rule, machine })
    }
}

/// Runs one rule, one input after the other.
pub(crate) struct Machine<'a> {
    rule: &'a str,
    machine: RegoVM,
}

impl Machine<'_> {
    /// The rule's value; `None` when it has none, when it failed, and for another rule.
    pub(crate) fn run(&mut self, rule: &str, input: &Value) -> Option<Value> {
        if rule != self.rule {
            return None;
        }
        self.machine.set_input(input.clone());
        self.machine.execute().ok().filter(|value| *value != Value::Undefined)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Map, Value as Json, json};

    use super::*;
    use crate::built_in;
    use crate::evaluate::{Rego, parse};

    const RULE: &str = "data.aspm.defaults.verdict";

    /// Numbers that look like chance and are the same every time.
    struct Dice(u64);

    impl Dice {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % bound
        }

        /// Mostly one of `values`, now and then nothing or something that no rule expects.
        fn field(&mut self, object: &mut Map<String, Json>, name: &str, values: &[Json]) {
            let odd = [json!(null), json!(""), json!(-1), json!("no-such-word"), json!(["a"]), json!({}), json!(false)];
            match self.below(20) {
                0 => (),
                1 => drop(object.insert(name.to_owned(), odd[self.below(odd.len())].clone())),
                _ => drop(object.insert(name.to_owned(), values[self.below(values.len())].clone())),
            }
        }

        fn object(&mut self, fields: &[(&str, Vec<Json>)]) -> Json {
            let mut object = Map::new();
            for (name, values) in fields {
                self.field(&mut object, name, values);
            }
            Json::Object(object)
        }
    }

    fn words(words: &[&str]) -> Vec<Json> {
        words.iter().map(|word| json!(word)).collect()
    }

    fn input(dice: &mut Dice) -> Json {
        let dates = || {
            let mut dates =
                words(&["2025-12-24", "2026-02-27", "2026-03-01", "2026-03-05", "2026-09-01", "9999-12-31"]);
            dates.extend([json!("2026-02-30"), json!("2026-03-01T23:59:59-05:00"), json!(null)]);
            dates
        };
        let statuses =
            words(&["open", "open", "false_positive", "risk_accepted", "out_of_scope", "mitigated", "duplicate"]);
        let people = words(&["amy", "bob"]);
        let status = dice.object(&[
            ("value", statuses.clone()),
            ("by", people.clone()),
            ("accepted_by", people.clone()),
            ("until", dates()),
        ]);
        let severities = words(&["info", "low", "medium", "high", "critical"]);
        let finding = dice.object(&[
            ("kind", words(&["code", "secret", "dependency"])),
            ("severity", severities),
            ("confidence", words(&["low", "medium", "high"])),
            ("cvss", vec![json!(9.8), json!(7), json!(4.0), json!(0.1)]),
            ("epss", vec![json!(0.97), json!(0.5), json!(0.06), json!(0.0001)]),
            ("known_exploited", vec![json!(true), json!(false)]),
            ("fix_available", vec![json!(true), json!(false)]),
            ("first_seen", dates()),
            ("due", dates()),
            ("status", vec![status]),
        ]);
        let application = dice.object(&[
            ("exposure", words(&["internet", "partner", "internal", "isolated"])),
            ("criticality", words(&["critical", "high", "medium", "low"])),
            ("approvers", vec![json!([]), json!(["amy"])]),
            ("sla", vec![json!({}), json!({"critical": 7, "high": 30, "medium": 90, "low": 180})]),
        ]);
        let exception = dice.object(&[
            ("origin", words(&["file", "source", "comment"])),
            ("state", words(&["approved", "requested", "unauthorized"])),
            ("status", statuses),
            ("accepted_by", people),
            ("expires", dates()),
        ]);
        dice.object(&[
            ("finding", vec![finding]),
            ("application", vec![application]),
            ("exception", vec![json!(null), exception]),
            ("change", words(&["introduced", "touched", "existing"])),
            ("now", words(&["2026-03-01T10:00:00Z"])),
        ])
    }

    #[test]
    fn byte_code_and_interpreter_say_the_same_of_everything() {
        let settings = json!({"aspm": {"settings": {
            "block_at": 40, "secrets_block": false, "points": {"exposure": {"moon": 7}, "severity": {"low": 30}},
        }}});
        for data in [json!({}), settings] {
            let mut modules = built_in::modules().collect::<Vec<_>>();
            modules.extend([built_in::module(built_in::ENTRY_VERDICT), built_in::module(built_in::ENTRY_GATE)]);
            let rego = |is_own| {
                let engine = parse("built in", &modules).unwrap();
                Rego::new("built in", engine, Value::from(data.clone()), RULE, is_own).unwrap()
            };
            let (plain, compiled) = (rego(false), rego(true));
            let mut interpreter = plain.runner(Duration::from_mins(1));
            let mut machine = compiled.machine(Duration::from_mins(1)).expect("the built-in rules compile");
            let mut dice = Dice(7);
            let mut told = 0;
            for _ in 0..3_000 {
                let input = Value::from(input(&mut dice));
                let expected =
                    interpreter.evaluate(RULE, input.clone()).ok().filter(|value| *value != Value::Undefined);
                // What the machine leaves open is asked of the interpreter.
                let Some(run) = machine.run(RULE, &input) else { continue };
                assert_eq!(Some(&run), expected.as_ref(), "{input}");
                told += 1;
            }
            assert!(told > 1_500, "{told} of 3,000 had a verdict");
        }
    }
}
