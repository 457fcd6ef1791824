//! Findings and changes as the policy's input: the documented fields, bounded in length, and only those that it reads.
//! What is not known is absent, so a rule that asks for it does not apply; `exception` alone is null when there is none.

use std::sync::LazyLock;

use finding::wire::GateChange;
use finding::{Application, ChangeKind, Component, Exception, Finding, Placement, Rule, Status, Verdict};
use regorus::Value;
use regorus::value::Object;
use serde::Serialize;

use super::bounds::{INPUT_CHARS, INPUT_ITEMS};
use super::{Error, Reads};
use crate::input::{GateFinding, GateInput, GateSource, TriageInput, VerdictInput};

/// A key that is made once.
macro_rules! key {
    ($name:literal) => {{
        static KEY: LazyLock<Value> = LazyLock::new(|| Value::from($name));
        ($name, &*KEY)
    }};
}

/// An object of which only what is read is built.
struct Fields<'r> {
    reads: &'r Reads,
    entries: Vec<(Value, Value)>,
}

impl<'r> Fields<'r> {
    fn new(reads: &'r Reads) -> Self {
        Self { reads, entries: Vec::new() }
    }

    fn put(&mut self, (name, key): (&str, &Value), value: impl FnOnce(&'r Reads) -> Value) {
        if let Some(reads) = self.reads.of(name) {
            self.entries.push((key.clone(), value(reads)));
        }
    }

    fn put_some(&mut self, key: (&str, &Value), value: Option<Value>) {
        if let Some(value) = value {
            self.put(key, |_| value);
        }
    }

    fn put_text(&mut self, key: (&str, &Value), value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, |_| text(value));
        }
    }

    fn put_day(&mut self, key: (&str, &Value), value: Option<&str>) {
        if let Some(value) = value {
            self.put(key, |_| day(value));
        }
    }

    fn done(self) -> Value {
        Value::from(self.entries.into_iter().collect::<Object>())
    }
}

/// The application of the last input: most of a batch have the same.
#[derive(Default)]
pub(crate) struct Applications<'a> {
    last: Option<(&'a Application, Value)>,
}

impl<'a> Applications<'a> {
    fn value(&mut self, given: &'a Application, reads: &Reads) -> Value {
        match &self.last {
            Some((last, value)) if std::ptr::eq(*last, given) => value.clone(),
            _ => self.last.insert((given, application(given, reads))).1.clone(),
        }
    }
}

/// `{finding, application, change, exception, now}`.
pub(crate) fn verdict_input<'a>(
    input: &VerdictInput<'a>,
    reads: &Reads,
    applications: &mut Applications<'a>,
) -> Result<Value, Error> {
    let moment = now(input.now)?;
    let mut fields = Fields::new(reads);
    fields.put(key!("finding"), |reads| finding(input.finding, input.path, reads));
    fields.put(key!("application"), |reads| applications.value(input.application, reads));
    fields.put(key!("change"), |_| change(input.change));
    fields.put(key!("exception"), |reads| exception(input.exception, reads));
    fields.put(key!("now"), |_| moment);
    Ok(fields.done())
}

/// `{triage, finding, application, now}`.
pub(crate) fn triage_input<'a>(
    input: &TriageInput<'a>,
    reads: &Reads,
    applications: &mut Applications<'a>,
) -> Result<Value, Error> {
    let moment = now(input.now)?;
    let mut fields = Fields::new(reads);
    fields.put(key!("triage"), |reads| {
        let mut asked = Fields::new(reads);
        asked.put(key!("action"), |_| text(input.action));
        asked.put(key!("reason"), |_| text(input.reason));
        asked.put_day(key!("until"), input.until);
        asked.put_text(key!("ticket"), input.ticket);
        asked.put(key!("tags"), |_| texts(input.tags.iter().map(String::as_str)));
        asked.put(key!("to"), |_| Value::from(input.to.label()));
        asked.done()
    });
    fields.put(key!("finding"), |reads| finding(input.finding, input.path, reads));
    fields.put(key!("application"), |reads| applications.value(input.application, reads));
    fields.put(key!("now"), |_| moment);
    Ok(fields.done())
}

/// `{findings, undecided, sources, gate_changes, application, context}`.
pub(crate) fn gate_input(input: &GateInput<'_>, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    // Elements of a list are looked at by index, which no analysis follows: they are given whole.
    fields.put(key!("findings"), |_| Value::from(input.findings.iter().map(gate_finding).collect::<Vec<Value>>()));
    fields.put(key!("undecided"), |_| texts(input.undecided.iter().map(String::as_str)));
    fields.put(key!("sources"), |_| Value::from(input.sources.iter().map(source).collect::<Vec<Value>>()));
    fields
        .put(key!("gate_changes"), |_| Value::from(input.gate_changes.iter().map(gate_change).collect::<Vec<Value>>()));
    fields.put(key!("application"), |reads| application(input.application, reads));
    fields.put(key!("context"), |reads| {
        let mut context = Fields::new(reads);
        context.put(key!("place"), |_| Value::from(input.place.label()));
        context.put_text(key!("branch"), input.branch);
        context.done()
    });
    fields.done()
}

fn finding(finding: &Finding, path: Option<&str>, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    fields.put(key!("id"), |_| text(finding.id.as_str()));
    fields.put(key!("source"), |_| text(&finding.source));
    fields.put(key!("kind"), |_| word(&finding.kind));
    fields.put(key!("tool"), |_| text(&finding.tool.name));
    fields.put(key!("rule"), |reads| rule(&finding.rule, reads));
    fields.put(key!("message"), |_| text(&finding.message));
    fields.put(key!("severity"), |_| Value::from(finding.severity.label()));
    fields.put_some(key!("confidence"), finding.confidence.as_ref().map(word));
    fields.put_some(key!("cvss"), finding.cvss.and_then(decimal));
    fields.put_some(key!("epss"), finding.epss.and_then(decimal));
    fields.put_some(key!("known_exploited"), finding.known_exploited.map(Value::from));
    fields.put(key!("vulnerability_ids"), |_| texts(finding.vulnerability_ids.iter().map(String::as_str)));
    if let Some(found) = &finding.component {
        fields.put(key!("component"), |reads| component(found, reads));
    }
    fields.put(key!("status"), |reads| status(&finding.status, reads));
    fields.put_day(key!("first_seen"), finding.first_seen.as_deref());
    fields.put_day(key!("last_seen"), finding.last_seen.as_deref());
    fields.put_day(key!("due"), finding.due.as_deref());
    fields.put_text(key!("path"), path.or(finding.evidence.path.as_deref()));
    fields.put(key!("fix_available"), |_| {
        let upgrade = finding.component.as_ref().is_some_and(|component| !component.fixed.is_empty());
        Value::from(upgrade || !finding.fixes.is_empty())
    });
    fields.done()
}

fn rule(rule: &Rule, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    fields.put(key!("id"), |_| text(&rule.id));
    fields.put_text(key!("name"), rule.name.as_deref());
    fields.put(key!("cwes"), |_| {
        Value::from(rule.cwes.iter().take(INPUT_ITEMS).map(|cwe| Value::from(*cwe)).collect::<Vec<Value>>())
    });
    fields.put(key!("tags"), |_| texts(rule.tags.iter().map(String::as_str)));
    fields.done()
}

fn component(component: &Component, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    fields.put(key!("name"), |_| text(&component.name));
    fields.put_text(key!("version"), component.version.as_deref());
    fields.put(key!("fixed"), |_| texts(component.fixed.iter().map(String::as_str)));
    fields.done()
}

fn status(status: &Status, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    fields.put(key!("value"), |_| word(&status.value));
    fields.put_text(key!("by"), status.by.as_deref());
    fields.put_day(key!("at"), status.at.as_deref());
    fields.put_text(key!("reason"), status.reason.as_deref());
    fields.put_day(key!("until"), status.until.as_deref());
    fields.put_text(key!("accepted_by"), status.accepted_by.as_deref());
    fields.done()
}

fn application(application: &Application, reads: &Reads) -> Value {
    let mut fields = Fields::new(reads);
    fields.put_text(key!("name"), application.name.as_deref());
    fields.put_text(key!("repository"), application.repository.as_deref());
    fields.put_text(key!("criticality"), application.criticality.as_deref());
    fields.put_text(key!("exposure"), application.exposure.as_deref());
    fields.put_text(key!("platform"), application.platform.as_deref());
    fields.put_text(key!("lifecycle"), application.lifecycle.as_deref());
    fields.put_text(key!("component"), application.component.as_deref());
    fields.put_text(key!("owner"), application.owner.as_deref());
    fields.put(key!("sla"), |_| {
        let days = application.sla.iter().take(INPUT_ITEMS);
        Value::from(days.map(|(severity, days)| (text(severity), Value::from(*days))).collect::<Object>())
    });
    fields.put(key!("approvers"), |_| texts(application.approvers.iter().map(String::as_str)));
    fields.put(key!("required_scanners"), |_| texts(application.required_scanners.iter().map(String::as_str)));
    fields.done()
}

fn exception(exception: Option<&Exception>, reads: &Reads) -> Value {
    let Some(exception) = exception else { return Value::Null };
    let mut fields = Fields::new(reads);
    fields.put(key!("id"), |_| text(&exception.id));
    fields.put(key!("origin"), |_| word(&exception.origin));
    fields.put(key!("state"), |_| word(&exception.state));
    fields.put(key!("status"), |_| word(&exception.status));
    fields.put_text(key!("reason"), exception.reason.as_deref());
    fields.put_text(key!("requested_by"), exception.requested_by.as_deref());
    fields.put_text(key!("accepted_by"), exception.accepted_by.as_deref());
    fields.put_day(key!("expires"), exception.expires.as_deref());
    fields.put_text(key!("ticket"), exception.ticket.as_deref());
    fields.done()
}

fn gate_finding(item: &GateFinding<'_>) -> Value {
    let mut fields = Fields::new(&Reads::All);
    fields.put(key!("finding"), |reads| finding(item.finding, item.path, reads));
    fields.put(key!("placement"), |_| placement(item.placement));
    fields.put(key!("change"), |_| change(item.change));
    fields.put(key!("verdict"), |_| verdict(item.verdict));
    fields.put(key!("exception"), |reads| exception(item.exception, reads));
    fields.done()
}

fn placement(placement: &Placement) -> Value {
    let mut fields = Fields::new(&Reads::All);
    fields.put(key!("state"), |_| Value::from(placement.state.label()));
    fields.put_text(key!("path"), placement.path.as_deref());
    fields.put_some(key!("confidence"), decimal(placement.confidence));
    fields.put(key!("reason"), |_| text(&placement.reason.to_string()));
    fields.done()
}

fn verdict(verdict: &Verdict) -> Value {
    let mut fields = Fields::new(&Reads::All);
    fields.put(key!("action"), |_| Value::from(verdict.action.label()));
    fields.put(key!("risk"), |_| Value::from(u32::from(verdict.risk)));
    fields.put_text(key!("due"), verdict.due.as_deref());
    fields.put(key!("factors"), |reads| {
        let factors = verdict.factors.iter().map(|factor| {
            let mut fields = Fields::new(reads);
            fields.put(key!("name"), |_| text(&factor.name));
            fields.put(key!("value"), |_| text(&factor.value));
            fields.put(key!("weight"), |_| Value::from(factor.weight));
            fields.done()
        });
        Value::from(factors.collect::<Vec<Value>>())
    });
    fields.put(key!("reasons"), |reads| {
        let reasons = verdict.reasons.iter().map(|reason| {
            let mut fields = Fields::new(reads);
            fields.put(key!("clause"), |_| text(&reason.clause));
            fields.put(key!("message"), |_| text(&reason.message));
            fields.put_text(key!("url"), reason.url.as_deref());
            fields.done()
        });
        Value::from(reasons.collect::<Vec<Value>>())
    });
    fields.done()
}

fn source(source: &GateSource) -> Value {
    let mut fields = Fields::new(&Reads::All);
    fields.put(key!("id"), |_| text(&source.id));
    fields.put_text(key!("synced_at"), source.synced_at.as_deref());
    fields.put_text(key!("scan_commit"), source.scan_commit.as_deref());
    fields.put(key!("tools"), |_| texts(source.tools.iter().map(String::as_str)));
    fields.done()
}

fn gate_change(change: &GateChange) -> Value {
    let mut fields = Fields::new(&Reads::All);
    fields.put(key!("path"), |_| text(&change.path));
    fields.put(key!("what"), |_| text(&change.what));
    fields.done()
}

fn change(change: ChangeKind) -> Value {
    Value::from(change.label())
}

/// The word of an enum whose values serialise as text.
fn word(value: &impl Serialize) -> Value {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Value::from(word),
        _ => Value::Undefined,
    }
}

fn text(text: &str) -> Value {
    match text.char_indices().nth(INPUT_CHARS) {
        None => Value::from(text),
        Some((cut, _)) => Value::from(format!("{}…", &text[..cut])),
    }
}

fn texts<'a>(items: impl Iterator<Item = &'a str>) -> Value {
    Value::from(items.take(INPUT_ITEMS).map(text).collect::<Vec<Value>>())
}

/// As people write it (0.02, not the nearest binary fraction's twenty digits).
fn decimal(number: f32) -> Option<Value> {
    let number: f64 = number.to_string().parse().ok()?;
    number.is_finite().then(|| Value::from(number))
}

/// A moment as its day in UTC; what is no date stays as it is, for the policy to treat as the strict case.
fn day(moment: &str) -> Value {
    if moment.len() == 10 {
        return Value::from(moment);
    }
    match moment.parse::<jiff::Timestamp>() {
        Ok(moment) => Value::from(moment.strftime("%Y-%m-%d").to_string()),
        Err(_) => text(moment),
    }
}

/// Always a time, so that a policy may rely on it.
fn now(now: &str) -> Result<Value, Error> {
    if now.parse::<jiff::Timestamp>().is_ok() {
        return Ok(Value::from(now));
    }
    if now.len() == 10 && now.parse::<jiff::civil::Date>().is_ok() {
        return Ok(Value::from(format!("{now}T00:00:00Z")));
    }
    Err(Error::Input { what: format!("{now:?} is no RFC 3339 date or time: nothing can be judged at it") })
}
