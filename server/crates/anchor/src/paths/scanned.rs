//! A scanned path taken apart: scheme, drive and `.` dropped, `..` resolved, and whether it was absolute.

/// A scanned path as components.
pub(super) struct Cleaned {
    parts: Vec<String>,
    absolute: bool,
}

impl Cleaned {
    /// `None` when the path climbs out of where it starts.
    pub(super) fn new(path: &str) -> Option<Self> {
        let slashed = path.replace('\\', "/");
        let mut rest = slashed.as_str();
        let mut absolute = false;
        if let Some(after) = rest.strip_prefix("file:") {
            absolute = true;
            rest = after.strip_prefix("//").map_or(after, |host| host.find('/').map_or("", |slash| &host[slash..]));
        }
        let unrooted = rest.trim_start_matches('/');
        absolute |= unrooted.len() < rest.len();
        let bytes = unrooted.as_bytes();
        if bytes.len() > 1
            && bytes[0].is_ascii_alphabetic()
            && bytes[1] == b':'
            && matches!(bytes.get(2), None | Some(b'/'))
        {
            absolute = true;
            rest = &unrooted[2..];
        } else {
            rest = unrooted;
        }
        let mut parts: Vec<String> = Vec::new();
        for part in rest.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop()?;
                }
                part => parts.push(part.to_owned()),
            }
        }
        Some(Self { parts, absolute })
    }

    pub(super) fn parts(&self) -> &[String] {
        &self.parts
    }

    pub(super) fn is_absolute(&self) -> bool {
        self.absolute
    }

    pub(super) fn joined(&self) -> String {
        self.parts.join("/")
    }

    /// For people: as it was, with its leading slash.
    pub(super) fn shown(&self) -> String {
        if self.absolute { format!("/{}", self.joined()) } else { self.joined() }
    }

    /// The path below `folder`.
    pub(super) fn under(&self, folder: &str) -> String {
        if folder.is_empty() { self.joined() } else { format!("{folder}/{}", self.joined()) }
    }

    /// What the two paths put before the `suffix` components they share.
    pub(super) fn pair(&self, file: &str, suffix: usize) -> (String, String) {
        let kept = self.parts.len().saturating_sub(suffix);
        let from = self.parts[..kept].join("/");
        let from = if self.absolute { format!("/{from}") } else { from };
        let to = file.rsplitn(suffix + 1, '/').nth(suffix).unwrap_or("");
        (from, to.to_owned())
    }

    /// The path with prefix `from` replaced by `to`, component by component; `None` when it does not start with `from`.
    pub(super) fn replaced(&self, from: &str, to: &str) -> Option<String> {
        let from = Self::new(from)?;
        if from.absolute && !self.absolute {
            return None;
        }
        let rest = self.parts.strip_prefix(&from.parts[..])?;
        let to = Self::new(to)?;
        Some(to.parts.iter().chain(rest).map(String::as_str).collect::<Vec<_>>().join("/"))
    }
}
