//! Whose view of a server the cached findings are: the account behind each credential, remembered beside the cache.
//!
//! Two accounts may see different findings, so each has a cache of its own. Offline nobody can be asked whose a credential
//! is; what was learnt when it last could be is kept in one small file for each origin. Of a credential the file holds a
//! mark that gives nothing of it away. Like all of the cache it is not trusted and may go at any time: then the server is
//! asked again.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use config::Origin;
use connectors::Account;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Accounts kept for an origin, the last used ones.
const MOST: usize = 16;
/// Longest file, in bytes.
const LONGEST: u64 = 64 << 10;
/// Longest id, in characters.
const LONGEST_ID: usize = 64;

/// Who one is at an origin, as far as that is known on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Whose {
    /// No server was ever asked.
    Nobodys,
    /// The credential at hand was never used; no cache is its.
    Strangers(String),
    /// This account's.
    Known(Account),
}

impl Whose {
    /// What a cache is kept under.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Nobodys => String::new(),
            // No account's id begins like this.
            Self::Strangers(mark) => format!("?{mark}"),
            Self::Known(account) => account.id.clone(),
        }
    }

    pub(crate) fn account(&self) -> Option<&Account> {
        match self {
            Self::Known(account) => Some(account),
            Self::Nobodys | Self::Strangers(_) => None,
        }
    }
}

/// What is known of one origin.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Book {
    /// By the mark of a credential, the last used one at the end.
    #[serde(default)]
    accounts: Vec<(String, Account)>,
}

/// The mark of the credential that was used last for an origin.
pub(crate) fn last(cache: &Path, origin: &Origin) -> Option<String> {
    read(cache, origin).accounts.pop().map(|(mark, _)| mark)
}

/// Whose a credential is; without one at hand, who used the origin last.
pub(crate) fn whose(cache: &Path, origin: &Origin, mark: Option<&str>) -> Whose {
    let mut book = read(cache, origin);
    match (mark, book.accounts.iter().position(|(known, _)| mark == Some(known))) {
        (_, Some(at)) => Whose::Known(book.accounts.swap_remove(at).1),
        (Some(mark), None) if !book.accounts.is_empty() => Whose::Strangers(mark.to_owned()),
        _ => book.accounts.pop().map_or(Whose::Nobodys, |(_, account)| Whose::Known(account)),
    }
}

/// Remembers whose a credential is, and that it was used last; whether that is news.
///
/// # Errors
/// When it cannot be written; a sentence for people.
pub(crate) fn remember(cache: &Path, origin: &Origin, mark: &str, account: &Account) -> Result<bool, String> {
    let mut book = read(cache, origin);
    if book.accounts.last().is_some_and(|(known, last)| known == mark && last == account) {
        return Ok(false);
    }
    book.accounts.retain(|(known, _)| known != mark);
    book.accounts.push((mark.to_owned(), account.clone()));
    let surplus = book.accounts.len().saturating_sub(MOST);
    book.accounts.drain(..surplus);
    let path = place(cache, origin);
    write(&path, &book)
        .map(|()| true)
        .map_err(|error| format!("Whose findings these are could not be written to {} ({error}).", path.display()))
}

fn place(cache: &Path, origin: &Origin) -> PathBuf {
    let name = Sha256::digest(origin.to_string());
    let name = name.iter().take(16).fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
    cache.join("accounts").join(format!("{name}.json"))
}

/// What cannot be read is not known.
fn read(cache: &Path, origin: &Origin) -> Book {
    let path = place(cache, origin);
    // Opening a pipe would wait for a writer.
    if !fs::symlink_metadata(&path).is_ok_and(|facts| facts.is_file()) {
        return Book::default();
    }
    let mut bytes = Vec::new();
    let whole = fs::File::open(&path).and_then(|file| file.take(LONGEST).read_to_end(&mut bytes));
    let book = whole.ok().and_then(|_| serde_json::from_slice::<Book>(&bytes).ok());
    let is_fit = |account: &Account| {
        let id = account.id.as_str();
        !id.is_empty()
            && id.len() <= LONGEST_ID
            && id.bytes().all(|byte| byte.is_ascii_graphic())
            && !id.starts_with('?')
    };
    let mut book = book.unwrap_or_default();
    book.accounts.retain(|(_, account)| is_fit(account));
    book
}

fn write(path: &Path, book: &Book) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::NotFound)?;
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    // Readable by its owner alone; a reader sees the old one or the new one, whole.
    let mut file = tempfile::Builder::new().prefix(".account").tempfile_in(folder)?;
    file.write_all(&serde_json::to_vec(book)?)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(id: &str) -> Account {
        Account { id: id.into(), name: format!("user {id}") }
    }

    fn origin() -> Origin {
        Origin::of(&"https://dojo.example.com/x".parse().expect("a URL")).expect("an origin")
    }

    #[test]
    fn a_credential_is_known_again_and_without_one_the_last_user_counts() {
        let cache = tempfile::tempdir().expect("a folder");
        let whose = |mark| whose(cache.path(), &origin(), mark);
        assert_eq!(whose(Some("a")), Whose::Nobodys);
        assert_eq!(remember(cache.path(), &origin(), "a", &account("1")), Ok(true));
        assert_eq!(remember(cache.path(), &origin(), "b", &account("2")), Ok(true));
        assert_eq!(remember(cache.path(), &origin(), "b", &account("2")), Ok(false));
        assert_eq!((whose(Some("a")), whose(None)), (Whose::Known(account("1")), Whose::Known(account("2"))));
        assert_eq!(remember(cache.path(), &origin(), "a", &account("1")), Ok(true));
        assert_eq!((whose(None), last(cache.path(), &origin())), (Whose::Known(account("1")), Some("a".to_owned())));
        assert_eq!(whose(Some("c")).key(), "?c", "nobody's cache but its own");
    }

    #[test]
    fn of_many_the_last_used_are_kept_and_what_is_no_book_is_nothing() {
        let cache = tempfile::tempdir().expect("a folder");
        for number in 0..40 {
            remember(cache.path(), &origin(), &number.to_string(), &account("7")).expect("written");
        }
        assert_eq!(read(cache.path(), &origin()).accounts.len(), MOST);
        assert_eq!(whose(cache.path(), &origin(), Some("39")), Whose::Known(account("7")));
        for text in ["", "{", "[]", r#"{"accounts":[["m",{"id":"?x","name":""}],["m",{"id":"","name":""}]]}"#] {
            fs::write(place(cache.path(), &origin()), text).expect("written");
            assert_eq!(whose(cache.path(), &origin(), Some("39")), Whose::Nobodys, "{text}");
        }
    }
}
