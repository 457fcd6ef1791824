//! OPA bundles: Rego, data and manifest, verified before anything of them is used.

/// A policy as it arrived, checked and unpacked.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bundle {
    /// Where it came from, for people: a path or a URL.
    pub origin: String,
    /// Rego modules in order of path; tests (`*_test.rego`) are among them.
    pub modules: Vec<Module>,
    /// All `data.json` and `data.yaml` merged at their paths.
    pub data: serde_json::Value,
    /// What the bundle says of itself.
    pub manifest: Manifest,
    /// Id of the key that its signature was verified with; `None`: not verified.
    pub signed_by: Option<String>,
    /// Code rules that came as files (`rules/**`), in order of path: path and text.
    pub rules: Vec<(String, String)>,
}

/// One Rego file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Inside the bundle, `/`-separated.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// `.manifest`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Manifest {
    /// What the makers call this state of it.
    pub revision: Option<String>,
    /// The parts of `data` it may define; empty: all.
    pub roots: Vec<String>,
    /// `metadata.aspm.sequence`: a lower one than seen before is a replay.
    pub sequence: Option<u64>,
}
