//! All formats over one set of reports.

mod arbitrary;
mod as_json;
mod github;
mod gitlab;
mod guess;
mod human;
mod junit;
mod reports;
mod sarif;
mod schemas;

use std::sync::Arc;

use finding::Finding;

use super::{Checkout, GateReport, Material};

/// Everything `write` wrote, which must be text.
fn written(write: impl FnOnce(&mut dyn std::io::Write) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("a buffer takes everything");
    String::from_utf8(out).expect("text")
}

/// What the sample reports are told with: their texts, one whole finding, a checkout, a fixed present.
fn with_material<R>(tell: impl FnOnce(&Material<'_>) -> R) -> R {
    let text = |path: &str| reports::text(path).map(Arc::<str>::from);
    let detail = |id: &str| reports::detail(id).map(Arc::<Finding>::new);
    let checkout = Checkout {
        repository: Some("https://git.example/shop"),
        head: Some("1a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d"),
        branch: Some("feature/labels"),
    };
    let now = "2026-03-10T12:00:00Z".parse().expect("a time");
    tell(&Material { text: &text, detail: &detail, checkout, now })
}

fn human(report: &GateReport) -> String {
    human_on(report, &terminal(80, false))
}

fn human_on(report: &GateReport, terminal: &crate::cli::terminal::Terminal) -> String {
    with_material(|material| written(|out| super::human::write(report, material, terminal, out)))
}

fn terminal(width: usize, is_coloured: bool) -> crate::cli::terminal::Terminal {
    let paint = crate::cli::terminal::Paint(is_coloured);
    crate::cli::terminal::Terminal { width, wraps: true, paint, shows_progress: false }
}

fn github(report: &GateReport) -> (String, String) {
    let mut page = Vec::new();
    let commands = with_material(|material| {
        written(|out| super::github::write(report, material, out, Some(&mut page as &mut dyn std::io::Write)))
    });
    (commands, String::from_utf8(page).expect("text"))
}

fn junit(report: &GateReport) -> String {
    with_material(|material| written(|out| super::junit::write(report, material, out)))
}

fn sarif(report: &GateReport) -> serde_json::Value {
    let text = with_material(|material| written(|out| super::sarif::write(report, material, out)));
    assert!(text.ends_with("}\n"), "one object and a newline");
    serde_json::from_str(&text).expect("JSON")
}

fn gitlab(report: &GateReport) -> Vec<serde_json::Value> {
    let text = written(|out| super::gitlab::write(report, out));
    assert!(text.ends_with("]\n"), "one array and a newline");
    serde_json::from_str(&text).expect("an array")
}
