//! The demo's files, compiled in. A test fails when one is missing here.

/// Path below `assets/` and content.
pub(super) const FILES: &[(&str, &[u8])] = &[
    ("app/3-request-log/api/app.py", include_bytes!("assets/app/3-request-log/api/app.py")),
    ("app/3-request-log/api/carrier_client.py", include_bytes!("assets/app/3-request-log/api/carrier_client.py")),
    ("app/3-request-log/web/server.js", include_bytes!("assets/app/3-request-log/web/server.js")),
    ("app/4-counter/api/labels.py", include_bytes!("assets/app/4-counter/api/labels.py")),
    ("app/4-counter/api/orders.py", include_bytes!("assets/app/4-counter/api/orders.py")),
    ("app/4-counter/api/tracking.py", include_bytes!("assets/app/4-counter/api/tracking.py")),
    ("app/5-tidy/web/server.js", include_bytes!("assets/app/5-tidy/web/server.js")),
    ("app/5-tidy/worker/deliver.go", include_bytes!("assets/app/5-tidy/worker/deliver.go")),
    ("app/6-tariffs/api/carrier_client.py", include_bytes!("assets/app/6-tariffs/api/carrier_client.py")),
    ("app/6-tariffs/api/tariffs.py", include_bytes!("assets/app/6-tariffs/api/tariffs.py")),
    ("app/6-tariffs/api/tracking.py", include_bytes!("assets/app/6-tariffs/api/tracking.py")),
    ("app/6-tariffs/deploy/network.tf", include_bytes!("assets/app/6-tariffs/deploy/network.tf")),
    ("app/scanned/README.md", include_bytes!("assets/app/scanned/README.md")),
    ("app/scanned/api/__init__.py", include_bytes!("assets/app/scanned/api/__init__.py")),
    ("app/scanned/api/app.py", include_bytes!("assets/app/scanned/api/app.py")),
    ("app/scanned/api/carriers.py", include_bytes!("assets/app/scanned/api/carriers.py")),
    ("app/scanned/api/labels.py", include_bytes!("assets/app/scanned/api/labels.py")),
    ("app/scanned/api/orders.py", include_bytes!("assets/app/scanned/api/orders.py")),
    ("app/scanned/api/requirements.txt", include_bytes!("assets/app/scanned/api/requirements.txt")),
    ("app/scanned/api/tracking.py", include_bytes!("assets/app/scanned/api/tracking.py")),
    ("app/scanned/deploy/Dockerfile", include_bytes!("assets/app/scanned/deploy/Dockerfile")),
    ("app/scanned/deploy/network.tf", include_bytes!("assets/app/scanned/deploy/network.tf")),
    ("app/scanned/web/discount.js", include_bytes!("assets/app/scanned/web/discount.js")),
    ("app/scanned/web/parcels.json", include_bytes!("assets/app/scanned/web/parcels.json")),
    ("app/scanned/web/prices.js", include_bytes!("assets/app/scanned/web/prices.js")),
    ("app/scanned/web/search.js", include_bytes!("assets/app/scanned/web/search.js")),
    ("app/scanned/web/server.js", include_bytes!("assets/app/scanned/web/server.js")),
    ("app/scanned/web/themes/harbour.json", include_bytes!("assets/app/scanned/web/themes/harbour.json")),
    ("app/scanned/worker/deliver.go", include_bytes!("assets/app/scanned/worker/deliver.go")),
    ("app/scanned/worker/go.mod", include_bytes!("assets/app/scanned/worker/go.mod")),
    ("app/scanned/worker/main.go", include_bytes!("assets/app/scanned/worker/main.go")),
    ("app/worktree/deploy/Dockerfile", include_bytes!("assets/app/worktree/deploy/Dockerfile")),
    ("app/worktree/worker/deliver.go", include_bytes!("assets/app/worktree/worker/deliver.go")),
    ("history.json", include_bytes!("assets/history.json")),
    ("scans/bandit.sarif", include_bytes!("assets/scans/bandit.sarif")),
    ("scans/eslint-security.sarif", include_bytes!("assets/scans/eslint-security.sarif")),
    ("scans/semgrep.sarif", include_bytes!("assets/scans/semgrep.sarif")),
];

/// The content of a file that `history.json` names.
pub(super) fn file(path: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(known, _)| *known == path).map(|(_, content)| *content)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// Everything below the folder, relative to it.
    fn below(folder: &Path, prefix: &str, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = format!("{prefix}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                below(&entry.path(), &format!("{name}/"), found);
            } else {
                found.push(name);
            }
        }
    }

    #[test]
    fn every_file_of_the_history_and_every_scan_is_compiled_in() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("server/src/cli/demo/assets");
        let mut found = vec!["history.json".to_owned()];
        for part in ["app", "scans"] {
            below(&folder.join(part), &format!("{part}/"), &mut found);
        }
        found.sort_unstable();
        let mut known: Vec<&str> = FILES.iter().map(|(path, _)| *path).collect();
        known.sort_unstable();
        assert_eq!(known, found);
    }
}
