//! Why a credential is not to be had or not kept. No text holds any part of one.

/// Why a credential is not to be had or not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    /// The environment variable is not set.
    #[error("the credential of {origin} should be in the environment variable {name}, which is not set or empty")]
    Variable {
        /// The server.
        origin: String,
        /// The variable.
        name: String,
    },
    /// The command failed.
    #[error("the command for the credential of {origin}, `{program}`, {why}")]
    Command {
        /// The server.
        origin: String,
        /// The command's first word.
        program: String,
        /// What went wrong, with what it wrote to its error output.
        why: String,
    },
    /// Nothing is stored for the origin.
    #[error("there is no credential of {origin} in {store}: run `aspm-lsp login {origin}`")]
    Missing {
        /// The server.
        origin: String,
        /// Where it should be.
        store: &'static str,
    },
    /// The keyring cannot be used.
    #[error(
        "the keyring of this system cannot be used for {origin}: {why}. Unlock it, or keep the credential in a file that \
         only you can read: run `aspm-lsp login {origin} --store file`"
    )]
    Keyring {
        /// The server.
        origin: String,
        /// What the system says.
        why: String,
    },
    /// The credential file cannot be used.
    #[error("the credential file {path} {why}")]
    File {
        /// The file.
        path: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// There is no data folder.
    #[error("there is no data folder to keep credentials in: set HOME or ASPM_DATA_DIR")]
    NoFolder,
    /// It cannot be a credential.
    #[error(
        "what is configured or given as the credential of {origin} cannot be one: it is empty, too long, or holds spaces \
         around it or control characters (`user:password` where that is wanted)"
    )]
    Unusable {
        /// The server.
        origin: String,
    },
    /// The caller asked to stop.
    #[error("cancelled")]
    Cancelled,
}
