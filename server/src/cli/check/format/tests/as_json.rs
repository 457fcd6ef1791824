//! The report as it is.

use super::{reports, written};
use crate::cli::check::format::{GateReport, json};

#[test]
fn a_report_comes_back_as_it_was() {
    for (name, report) in reports::all().into_iter().filter(|(name, _)| *name != "hostile") {
        let text = written(|out| json::write(&report, out));
        assert!(text.ends_with("}\n"), "{name}");
        let back: GateReport = serde_json::from_str(&text).expect("a report");
        assert_eq!(back, report, "{name}");
    }
}
