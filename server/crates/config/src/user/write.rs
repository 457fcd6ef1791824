//! Where one server's credential is, written into the user's configuration; every other byte of meaning stays, and a file
//! that cannot be changed safely is left alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, InlineTable, Item, TableLike, Value};

use super::{Auth, Server, UserConfig};
use crate::dirs::Env;
use crate::{Origin, load};

const NEW_FILE: &str = "# Servers that aspm-lsp may ask: no other is ever contacted.\n";

/// What became of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// The origin has an entry now.
    Added,
    /// Its entry says something else now.
    Changed,
    /// The entry said so already, or there is none and none was wanted; the file was not touched.
    Kept,
}

/// Why the file was not changed. It is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// It has mistakes, one sentence each.
    #[error("your configuration has mistakes, so it was not changed; correct them first:\n{}", .0.join("\n"))]
    Broken(Vec<String>),
    /// It cannot be read or written.
    #[error("{file} {why}; nothing in it was changed. Write this into it yourself:\n\n{by_hand}")]
    Unwritable {
        /// The file.
        file: String,
        /// Reads on after its name.
        why: String,
        /// The entry that is wanted.
        by_hand: String,
    },
}

impl UserConfig {
    /// Makes `file` say that the credential of `origin` is in `auth`: [`Auth::Keyring`], [`Auth::File`] or
    /// [`Auth::None`]. An origin without an entry gets one, except for [`Auth::None`]. Comments, order and everything
    /// else stay; a reader sees the old file or the new one, whole; its mode stays, and a new file is the user's alone.
    pub fn write_auth(file: &Path, env: Env<'_>, origin: &Origin, auth: &Auth) -> Result<Written, WriteError> {
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf());
        // Written beside the real file, so that a link to it stays a link.
        let real = fs::canonicalize(&file).unwrap_or_else(|_| file.clone());
        let unwritable = |why: String| WriteError::Unwritable {
            file: file.display().to_string(),
            why,
            by_hand: entry(origin, auth, "\n"),
        };
        let text = match load::bounded(&real) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound && file.symlink_metadata().is_err() => None,
            Err(error) => return Err(unwritable(super::load::unreadable(&error))),
        };
        let before = text.as_deref().unwrap_or(NEW_FILE);
        let Some((after, written)) = changed(before, &file, env, origin, auth)? else { return Ok(Written::Kept) };
        if after.len() as u64 > load::MAX_FILE_BYTES {
            return Err(unwritable("would grow beyond what is read".to_owned()));
        }
        if text.is_some() && real.metadata().is_ok_and(|facts| facts.permissions().readonly()) {
            return Err(unwritable("is read-only".to_owned()));
        }
        replace(&real, text.as_deref(), &after).map_err(|error| unwritable(super::load::unreadable(&error)))?;
        Ok(written)
    }
}

/// The text with the entry as wanted; `None` when it says so already.
fn changed(
    text: &str,
    file: &Path,
    env: Env<'_>,
    origin: &Origin,
    auth: &Auth,
) -> Result<Option<(String, Written)>, WriteError> {
    let broken = |error: crate::ConfigError| WriteError::Broken(error.lines().collect());
    let mut wanted = UserConfig::parse(text, file, env).map_err(broken)?;
    let (body, mark) = text.strip_prefix('\u{feff}').map_or((text, ""), |body| (body, "\u{feff}"));
    let ending = if body.contains("\r\n") { "\r\n" } else { "\n" };
    let number = wanted.servers.iter().position(|server| server.origin == *origin);
    let (new, written) = match number {
        Some(number) if wanted.servers[number].auth == *auth => return Ok(None),
        None if *auth == Auth::None => return Ok(None),
        Some(number) => {
            wanted.servers[number].auth = auth.clone();
            (edited(body, |servers| entry_of(servers, number, auth)), Written::Changed)
        }
        None => {
            wanted.servers.push(Server { auth: auth.clone(), ..Server::new(origin.clone()) });
            (Some(appended(body, origin, auth, ending)), Written::Added)
        }
    };
    let holds = |new: &String| UserConfig::parse(new, file, env).is_ok_and(|read| read == wanted);
    // `server = [ … ]` takes no table behind it.
    let new = new.filter(holds).or_else(|| {
        let inline = (written == Written::Added).then(|| edited(body, |servers| inline_entry(servers, origin, auth)));
        inline.flatten().filter(holds)
    });
    let new = new.ok_or_else(|| WriteError::Unwritable {
        file: file.display().to_string(),
        why: "is written in a way that cannot be changed safely".to_owned(),
        by_hand: entry(origin, auth, "\n"),
    })?;
    Ok(Some((format!("{mark}{new}"), written)))
}

fn word(auth: &Auth) -> &'static str {
    match auth {
        Auth::Keyring => "{ keyring = true }",
        Auth::File => "{ file = true }",
        _ => "\"none\"",
    }
}

fn entry(origin: &Origin, auth: &Auth, ending: &str) -> String {
    format!("[[server]]{ending}url = \"{origin}\"{ending}auth = {}{ending}", word(auth))
}

/// At the very end, which changes nothing of what stands before.
fn appended(body: &str, origin: &Origin, auth: &Auth, ending: &str) -> String {
    let gap = if body.is_empty() {
        ""
    } else if body.ends_with('\n') {
        ending
    } else {
        &ending.repeat(2)
    };
    format!("{body}{gap}{}", entry(origin, auth, ending))
}

/// The text after `change` to its servers.
fn edited(body: &str, change: impl FnOnce(&mut Item) -> Option<()>) -> Option<String> {
    let mut document: DocumentMut = body.parse().ok()?;
    change(document.get_mut("server")?)?;
    let new = document.to_string();
    // The editor of documents knows one line ending only.
    let is_crlf = body.matches('\n').count() == body.matches("\r\n").count();
    Some(if is_crlf && body.contains('\n') { new.replace("\r\n", "\n").replace('\n', "\r\n") } else { new })
}

fn entry_of(servers: &mut Item, number: usize, auth: &Auth) -> Option<()> {
    let table: &mut dyn TableLike = match servers {
        Item::ArrayOfTables(tables) => tables.get_mut(number)?,
        Item::Value(Value::Array(tables)) => tables.get_mut(number)?.as_inline_table_mut()?,
        _ => return None,
    };
    let mut value: Value = word(auth).parse().ok()?;
    match table.get_mut("auth") {
        // Spaces and a remark behind it stay.
        Some(Item::Value(old)) if !is_dotted(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        _ => {
            value.decor_mut().set_prefix(" ");
            table.insert("auth", Item::Value(value));
        }
    }
    Some(())
}

fn is_dotted(value: &Value) -> bool {
    value.as_inline_table().is_some_and(InlineTable::is_dotted)
}

fn inline_entry(servers: &mut Item, origin: &Origin, auth: &Auth) -> Option<()> {
    let mut table = InlineTable::new();
    table.insert("url", Value::from(origin.to_string()));
    table.insert("auth", word(auth).parse().ok()?);
    servers.as_array_mut()?.push(table);
    Some(())
}

/// Puts `after` where `before` (`None`: no file) is, unless somebody else was quicker.
fn replace(real: &Path, before: Option<&str>, after: &str) -> io::Result<()> {
    let folder = real.parent().unwrap_or(Path::new(""));
    make_private(folder)?;
    let beside = folder.join(format!(".aspm-config.{}.new", std::process::id()));
    let written = write(real, &beside, before, after);
    if written.is_err() {
        // Nothing can be done where it stays behind.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write(real: &Path, beside: &PathBuf, before: Option<&str>, after: &str) -> io::Result<()> {
    match fs::remove_file(beside) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(beside)?;
    file.write_all(after.as_bytes())?;
    if before.is_some() {
        keep_mode(&file, real)?;
    }
    file.sync_all()?;
    drop(file);
    let now = match load::bounded(real) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    if now.as_deref() != before {
        return Err(io::Error::other("was changed by somebody else at this moment: try again"));
    }
    fs::rename(beside, real)
}

#[cfg(unix)]
fn keep_mode(file: &File, real: &Path) -> io::Result<()> {
    file.set_permissions(real.metadata()?.permissions())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same shape as where there are modes")]
fn keep_mode(_file: &File, _real: &Path) -> io::Result<()> {
    Ok(())
}

fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(text: &str, url: &str, auth: &Auth) -> Result<Option<String>, WriteError> {
        let origin = Origin::parse(url).unwrap();
        let changed = changed(text, Path::new("/etc/dana/config.toml"), &|_| None, &origin, auth)?;
        Ok(changed.map(|(text, _)| text))
    }

    #[test]
    fn a_new_server_stands_at_the_end_and_nothing_else_changes() {
        for (text, added) in [
            ("", "[[server]]\nurl = \"https://b\"\nauth = { keyring = true }\n"),
            (
                "# mine\n[policy]\nbundle = '/p' # why\n# end",
                "\n\n[[server]]\nurl = \"https://b\"\nauth = { keyring = true }\n",
            ),
            (
                "\u{feff}[[server]]\r\nurl = 'https://a'\r\n",
                "\r\n[[server]]\r\nurl = \"https://b\"\r\nauth = { keyring = true }\r\n",
            ),
        ] {
            assert_eq!(after(text, "https://b", &Auth::Keyring), Ok(Some(format!("{text}{added}"))), "{text}");
        }
    }

    #[test]
    fn a_known_server_changes_its_credentials_place_only() {
        for (text, expected) in [
            (
                "# top\n[[server]]\nurl = 'https://b' # u\n# above\nauth = { env = 'X' } # why\nca = '/ca.pem'\n\n[policy]\nbundle = '/p'\n# end\n",
                "# top\n[[server]]\nurl = 'https://b' # u\n# above\nauth = { file = true } # why\nca = '/ca.pem'\n\n[policy]\nbundle = '/p'\n# end\n",
            ),
            (
                "[[server]]\r\nurl = 'https://a'\r\n[[server]]\r\nurl = 'https://b'\r\n# end\r\n",
                "[[server]]\r\nurl = 'https://a'\r\n[[server]]\r\nurl = 'https://b'\r\nauth = { file = true }\r\n# end\r\n",
            ),
            (
                "[[server]]\nurl = 'https://b'\nauth.keyring = true\n[[server]]\nurl = 'https://a'\n",
                "[[server]]\nurl = 'https://b'\nauth = { file = true }\n[[server]]\nurl = 'https://a'\n",
            ),
            (
                "[[server]]\nurl = 'https://b'\n\n[server.auth]\nkeyring = true\n\n[policy]\nbundle = '/p'\n",
                "[[server]]\nurl = 'https://b'\nauth = { file = true }\n\n[policy]\nbundle = '/p'\n",
            ),
            (
                "server = [ { url = 'https://b', auth = 'none' }, # c\n]\n",
                "server = [ { url = 'https://b', auth = { file = true } }, # c\n]\n",
            ),
        ] {
            assert_eq!(after(text, "https://b", &Auth::File), Ok(Some(expected.to_owned())), "{text}");
        }
    }

    #[test]
    fn a_list_in_one_value_is_added_to_within_it() {
        let new = after("server = [{ url = 'https://a' }]\n", "https://b", &Auth::File).unwrap().unwrap();
        assert_eq!(new, "server = [{ url = 'https://a' }, { url = \"https://b\", auth = { file = true } }]\n");
    }

    #[test]
    fn what_is_so_already_is_left_alone_and_a_logout_adds_nothing() {
        assert_eq!(after("[[server]]\nurl='https://b'\nauth={file=true}", "https://b", &Auth::File), Ok(None));
        assert_eq!(after("[[server]]\nurl='https://a'", "https://b", &Auth::None), Ok(None));
        let out = after("[[server]]\nurl='https://b'\nauth={file=true} # k", "https://b", &Auth::None).unwrap();
        assert_eq!(out.unwrap(), "[[server]]\nurl='https://b'\nauth=\"none\" # k\n");
    }

    #[test]
    fn a_broken_file_is_told_and_not_changed() {
        let error = after("[[server]]\nurl = 'https://a'\ntoken = 'x'\n[[sever]]\n", "https://b", &Auth::File);
        let Err(WriteError::Broken(problems)) = error else { panic!("{error:?}") };
        assert!(problems.len() >= 2, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.starts_with("/etc/dana/config.toml:")), "{problems:?}");
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_replaced_whole_with_its_mode_and_through_its_link() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let folder = tempfile::tempdir().unwrap();
        let origin = Origin::parse("https://b").unwrap();
        let write = |file: &Path, auth: &Auth| UserConfig::write_auth(file, &|_| None, &origin, auth);
        let mode = |file: &Path| file.metadata().unwrap().permissions().mode() & 0o777;

        let new = folder.path().join("config/aspm/config.toml");
        assert_eq!(write(&new, &Auth::Keyring), Ok(Written::Added));
        assert_eq!((mode(&new), mode(new.parent().unwrap())), (0o600, 0o700));
        assert_eq!(write(&new, &Auth::Keyring), Ok(Written::Kept));
        assert_eq!(write(&new, &Auth::File), Ok(Written::Changed));
        assert_eq!(mode(&new), 0o600);

        let real = folder.path().join("dotfiles.toml");
        fs::write(&real, "# mine\n").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o640)).unwrap();
        let link = folder.path().join("link.toml");
        symlink(&real, &link).unwrap();
        assert_eq!(write(&link, &Auth::File), Ok(Written::Added));
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert!(fs::read_to_string(&real).unwrap().starts_with("# mine\n\n[[server]]"));
        assert_eq!(mode(&real), 0o640);

        fs::set_permissions(&real, fs::Permissions::from_mode(0o400)).unwrap();
        let before = fs::read(&real).unwrap();
        let error = write(&link, &Auth::Keyring).unwrap_err().to_string();
        assert!(error.contains("is read-only") && error.contains("auth = { keyring = true }"), "{error}");
        assert_eq!(fs::read(&real).unwrap(), before);
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
        assert_eq!(left.len(), 3, "{left:?}");
    }
}
