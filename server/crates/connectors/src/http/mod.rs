//! The only HTTP of the product: a blocking face for worker threads, over one private thread that does the waiting.
//!
//! Nothing is asked of an origin that the user's configuration does not list. A credential goes to its own origin and no
//! other, whatever a redirect says. Every answer is bounded in size and time, and one that was cut off is an error,
//! never a short success. One connection an origin at a time: a server with a thousand developers is not ours to load.

mod certificate;
mod client;
mod error;
mod examine;
mod exchange;
mod fault;
mod reach;
mod request;
mod response;
mod retry;
mod runtime;
pub mod secrets;

pub use certificate::Certificate;
pub use client::Client;
pub use error::{HttpError, StatusError, TlsFault};
pub use examine::Way;
pub use request::{Authorization, Method, Request, Scheme};
pub use response::Response;
pub use retry::{backoff, random};
pub use secrets::{SecretError, Secrets, Store, mark};
