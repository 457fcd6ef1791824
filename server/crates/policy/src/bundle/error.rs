//! Why a bundle is refused, in sentences for people.

/// Why a bundle was refused, or could not be built. Nothing of a refused bundle is used.
///
/// The texts name the file inside the bundle; which bundle it was, the caller adds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The archive is damaged, cut off or not an archive at all.
    #[error("The archive cannot be read: {0}.")]
    Archive(String),
    /// More than any honest bundle holds.
    #[error("The bundle is too large: {0}.")]
    TooLarge(String),
    /// A name that has no place inside a bundle.
    #[error("The bundle holds the name {path:?}, which is refused: {why}.")]
    Path {
        /// As it stands in the archive, characters that cannot be shown replaced.
        path: String,
        /// Continues the sentence.
        why: String,
    },
    /// A file that cannot be understood.
    #[error("{path} cannot be used: {why}.")]
    File {
        /// Inside the bundle.
        path: String,
        /// What is wrong and where; continues the sentence.
        why: String,
    },
    /// Two files define the same part of `data`.
    #[error("{first} and {second} both define data at {at}: keep it in one of them.")]
    Conflict {
        /// The file in whose favour nothing was decided.
        first: String,
        /// The other one.
        second: String,
        /// The path in `data`, as `/a/b`.
        at: String,
    },
    /// Something lies outside the roots that the manifest declares.
    #[error("{path} defines {what}, which the roots of .manifest do not permit ({roots}): add a root or move it.")]
    OutsideRoots {
        /// The file inside the bundle.
        path: String,
        /// The package or the path in `data`.
        what: String,
        /// The roots, separated by commas.
        roots: String,
    },
    /// The signature is missing or does not vouch for exactly these files.
    #[error("The signature is refused: {0}.")]
    Signature(String),
    /// A configured key cannot be used.
    #[error("The key {id:?} cannot be used: {why}.")]
    Key {
        /// Its id in the configuration.
        id: String,
        /// What is wrong with it; continues the sentence.
        why: String,
    },
    /// Older than what was in force before.
    #[error("The bundle is a replay: {0}.")]
    Replay(String),
}

impl Error {
    pub(crate) fn file(path: &str, why: impl Into<String>) -> Self {
        Self::File { path: path.to_owned(), why: why.into() }
    }
}
