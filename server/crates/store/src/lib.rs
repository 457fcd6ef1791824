//! The only SQL: what sources told us, kept in one `SQLite` file per (origin, product, account), and what the user asked of
//! them, kept in one outbox; both shared by every window, editor and hook of the user at once.
//!
//! In: findings of one source, its cursor and freshness, placements worth remembering; triage. Out: the compact index,
//! details by path or id, triage that is to be sent, and cheap ways to notice that another process wrote.
//! Never: network, git, a clock, an opinion about findings or triage.
//!
//! A [`Store`] is a cache: everything in it can be fetched again, so opening never fails (a file that cannot be used is
//! worked around in memory, with a notice for people). The [`Outbox`](outbox::Outbox) cannot be fetched again: it is never kept in memory
//! only, and what it cannot keep it refuses. Nothing in either is trusted (every row is validated on the way out).

mod error;
mod folder;
mod index;
mod key;
mod lock;
mod meta;
mod open;
pub mod outbox;
mod packed;
mod placements;
mod read;
mod replace;
mod schema;
mod set_aside;
mod stage;
mod store;
mod update;

pub use error::Error;
pub use key::Key;
pub use lock::SyncLock;
pub use meta::SourceMeta;
pub use placements::{PLACEMENT_MAX_BYTES, PLACEMENTS_KEPT, PlacementKey};
pub use replace::Replace;
pub use store::{Opened, Store};
pub use update::Update;
