//! Which application a finding's code belongs to, and what weighs about it.
//!
//! What weighs (criticality, exposure, approvers, days to fix, required scanners) comes from the organisation: the data
//! of its policy bundle, found by the repository's URL, else the facts of the source. The repository's own `aspm.toml`
//! gives names and owners where nobody else does, and nothing that weighs, not even when nobody else does.
//!
//! A bundle's data says it below `aspm.applications` (so a file `aspm/data.yaml`, or `aspm/applications/data.json`):
//!
//! ```yaml
//! applications:
//!   github.com/acme/shop:              # any URL of the repository will do
//!     name: shop
//!     criticality: high                # critical, high, medium, low
//!     exposure: internet               # internet, partner, internal, isolated
//!     platform: web
//!     lifecycle: production            # production, construction, retirement
//!     owner: "@acme/shop"
//!     sla: { critical: 7, high: 30, medium: 90 }    # days to fix
//!     approvers: [sec-lead, ciso@acme.example]      # who may accept risks; without it, anybody may at the source
//!     required_scanners: [bandit, trivy]
//!     components:                      # the longest path that fits decides
//!       - path: services/api
//!         name: api
//!         owner: "@acme/api"
//!         criticality: critical        # instead of the application's
//!         exposure: partner
//! ```

mod bind;
mod data;
mod stricter;
mod url;

pub use bind::{Bound, Names, of_sources};
pub use data::Applications;
pub use finding::SourceApplication;
