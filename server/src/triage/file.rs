//! The exceptions file: what is known of a finding, written down so that it can be found again.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use finding::{Finding, Placement, StatusValue};
use jiff::civil::Date;
use policy::exceptions::{self, About, NewEntry};
use repo::files::Read;

use crate::driver::Driver;

/// Where exceptions are written down, below the root.
pub(crate) const FILE: &str = ".aspm/exceptions.yaml";
const MAX_BYTES: u64 = exceptions::MAX_BYTES as u64;

/// What a person says of a finding.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) status: StatusValue,
    pub(crate) reason: String,
    pub(crate) until: Option<Date>,
    pub(crate) ticket: Option<String>,
}

/// The exception in the file's terms. Evidence of the scanned commit is best, for the finding itself is followed from
/// there; without one, what stands there now.
pub(crate) fn entry(
    driver: &Driver,
    root: &Path,
    finding: &Finding,
    placement: &Placement,
    request: &Request,
) -> NewEntry {
    let evidence = &finding.evidence;
    let scanned = evidence.commit.as_ref().zip(evidence.region).zip(evidence.path.as_ref());
    let scanned = scanned.filter(|_| placement.path.is_some()).and_then(|((commit, region), path)| {
        let text = driver.text_at(root, commit, path)?;
        Some((commit.clone(), region.line, path.clone(), flagged_line(&text, region.line)?))
    });
    let about = match (scanned, &placement.path) {
        (Some((commit, line, path, text)), _) => {
            About { path, line: Some(line), text: Some(text), commit: Some(commit), ..About::default() }
        }
        (None, Some(path)) => {
            let text = driver.read(root, path).ok().and_then(Read::decoded);
            let lines = text.as_deref().zip(placement.range.as_ref());
            let line = lines.map(|(text, range)| finding::text::LineIndex::new(text).line_of(range.start) + 1);
            let line = line.and_then(|line| u32::try_from(line).ok());
            let flagged = text.as_deref().zip(line).and_then(|(text, line)| flagged_line(text, line));
            About { path: path.to_string(), line, text: flagged, ..About::default() }
        }
        (None, None) => About {
            path: evidence.path.clone().unwrap_or_default(),
            line: evidence.region.map(|region| region.line),
            text: evidence.snippet.clone(),
            ..About::default()
        },
    };
    let about = About {
        source: Some(finding.source.clone()),
        id: Some(finding.id.to_string()),
        rule: finding.rule.id.clone(),
        symbol: evidence.symbol.clone(),
        ..about
    };
    NewEntry {
        finding: about,
        status: request.status,
        reason: request.reason.clone(),
        requested_by: std::env::var("GIT_AUTHOR_EMAIL").or_else(|_| std::env::var("USER")).ok(),
        expires: request.until,
        ticket: request.ticket.clone(),
    }
}

fn flagged_line(text: &str, line: u32) -> Option<String> {
    let at = usize::try_from(line).ok()?.checked_sub(1)?;
    let line = text.lines().nth(at)?.trim();
    (!line.is_empty() && line.len() <= 500).then(|| line.to_owned())
}

/// Writes `text` as the root's exceptions file, whole or not at all, never through a link.
pub(crate) fn write(root: &Path, text: &str) -> io::Result<PathBuf> {
    let folder = root.join(".aspm");
    let refuse = |what: &Path| io::Error::other(format!("{} is a link; it is not written through", what.display()));
    if folder.symlink_metadata().is_ok_and(|facts| facts.is_symlink()) {
        return Err(refuse(&folder));
    }
    fs::create_dir_all(&folder)?;
    let path = root.join(FILE);
    if path.symlink_metadata().is_ok_and(|facts| facts.is_symlink()) {
        return Err(refuse(&path));
    }
    let mut file = tempfile::Builder::new();
    #[cfg(unix)]
    file.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644));
    let mut file = file.tempfile_in(&folder)?;
    file.write_all(text.as_bytes())?;
    file.persist(&path).map_err(|error| error.error)?;
    Ok(path)
}

/// The file as it is; `None` when there is none.
pub(crate) fn read(root: &Path) -> Result<Option<String>, String> {
    match repo::files::read(root, FILE, MAX_BYTES) {
        Ok(Read::Text(text)) => Ok(Some(text)),
        Ok(Read::Missing) => Ok(None),
        Ok(Read::Unreadable(why)) => Err(format!("{FILE} cannot be read: {why}")),
        Ok(_) => Err(format!("{FILE} is not a text file of up to {} MiB", MAX_BYTES >> 20)),
        Err(error) => Err(format!("{FILE} cannot be read: {error}")),
    }
}
