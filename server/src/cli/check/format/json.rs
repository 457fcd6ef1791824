//! The report as it is: one JSON object, for programs.

use std::io::{self, Write};

use super::GateReport;

/// Writes `report` as one object with a newline behind it; `aspm-lsp schema check` describes it.
pub(in crate::cli::check) fn write(report: &GateReport, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}
