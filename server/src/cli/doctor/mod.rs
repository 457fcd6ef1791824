//! `doctor`: what is configured, found, readable, fresh and mapped, and what to do about the rest.

mod checks;
mod logs;
mod mapping;
mod server;

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use super::root::Root;
use super::session::Session;
use super::terminal::{Terminal, hang};
use crate::present::safe;

/// What the examination found.
#[derive(Default)]
pub(super) struct Report {
    sections: Vec<(&'static str, Vec<Line>)>,
    problems: Vec<Problem>,
}

/// A line of the report; a detail belongs to the line before.
struct Line {
    text: String,
    is_detail: bool,
}

/// Something that is wrong, and what to do.
struct Problem {
    what: String,
    todo: String,
    /// Whether findings cannot be shown at all because of it.
    is_fatal: bool,
}

impl Report {
    fn section(&mut self, name: &'static str) {
        self.sections.push((name, Vec::new()));
    }

    /// Paths and such come from strangers.
    fn line(&mut self, line: impl AsRef<str>) {
        if let Some((_, lines)) = self.sections.last_mut() {
            lines.push(Line { text: safe::line(line.as_ref()), is_detail: false });
        }
    }

    fn detail(&mut self, line: impl AsRef<str>) {
        if let Some((_, lines)) = self.sections.last_mut() {
            lines.push(Line { text: safe::line(line.as_ref()), is_detail: true });
        }
    }

    fn problem(&mut self, what: impl AsRef<str>, todo: impl Into<String>) {
        self.problems.push(Problem { what: safe::line(what.as_ref()), todo: todo.into(), is_fatal: false });
    }

    fn fatal(&mut self, what: impl AsRef<str>, todo: impl Into<String>) {
        self.problems.push(Problem { what: safe::line(what.as_ref()), todo: todo.into(), is_fatal: true });
    }
}

/// Exit code 0 when findings can be shown.
pub(super) fn run(
    session: &Session,
    root: &Root,
    cache: &Path,
    terminal: &Terminal,
    out: &mut dyn Write,
) -> anyhow::Result<ExitCode> {
    let mut report = Report::default();
    checks::folder(session.root()?, root, &mut report);
    checks::cache(cache, &mut report);
    checks::sources(session, &mut report)?;
    checks::policy(session, &mut report)?;
    mapping::examine(session.root()?, &mut report);
    checks::findings(session, &mut report);
    checks::editors(&mut report);
    let is_usable = !report.problems.iter().any(|problem| problem.is_fatal);
    report.write(terminal, out)?;
    Ok(if is_usable { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Report {
    fn write(&self, terminal: &Terminal, out: &mut dyn Write) -> std::io::Result<()> {
        let paint = terminal.paint;
        writeln!(out, "aspm-lsp {} ({}-{})", crate::VERSION, std::env::consts::OS, std::env::consts::ARCH)?;
        for (name, lines) in &self.sections {
            writeln!(out, "\n{}", paint.bold(name))?;
            for line in lines {
                let indent = if line.is_detail { "    " } else { "  " };
                writeln!(out, "{}", hang(indent, &line.text, indent.len() + 2, terminal.text_width()))?;
            }
        }
        writeln!(out)?;
        if self.problems.is_empty() {
            return writeln!(out, "{}", paint.green("No problems."));
        }
        let heading = if self.problems.len() == 1 {
            "One problem".to_owned()
        } else {
            format!("{} problems", self.problems.len())
        };
        writeln!(out, "{}", paint.bold(&heading))?;
        for problem in &self.problems {
            let mark = if problem.is_fatal { paint.red("!") } else { paint.yellow("-") };
            writeln!(out, "{}", hang(&format!("  {mark} "), &problem.what, 4, terminal.text_width()))?;
            if !problem.todo.is_empty() {
                writeln!(
                    out,
                    "{}",
                    hang(&format!("    {} ", paint.green("do:")), &problem.todo, 8, terminal.text_width())
                )?;
            }
        }
        Ok(())
    }
}
