//! `login` and `logout`: asks for the token or the password, and tells what came of it. The work is in [`crate::login`].

mod ask;

use std::io::{BufRead, IsTerminal as _, Write, stdin};
use std::process::ExitCode;

use config::Written;
use config::dirs::process_env;
use connectors::http::{Secrets, Store};
use secrecy::SecretString;

use super::Usage;
use super::args::{LoginArgs, LogoutArgs, ServerKind, StorePlace};
use super::terminal::Terminal;
use crate::login::{Desk, LoginError, Proof, SignedIn, SignedOut, Visit, config_file, place, sign_out};

/// Longest line that is read, in bytes.
const MAX_LINE: u64 = 64 << 10;

fn desk(secrets: &dyn Fn() -> Secrets) -> Desk<'_> {
    Desk { env: &process_env, config_file: config_file(&process_env), secrets, cache: super::cache() }
}

/// Signs in.
pub(super) fn run(args: &LoginArgs, terminal: &Terminal, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let ServerKind::Defectdojo = args.kind;
    if args.token.is_some() || !args.too_much.is_empty() {
        let why = "a token or password does not belong among the arguments, where other programs and your shell's history \
                   see it. Leave it out: it is asked for, or read from standard input with --token-stdin. If it was a real \
                   one, consider it known and make a new one";
        return Err(Usage(why.to_owned()).into());
    }
    let store = args.store.map(|store| match store {
        StorePlace::Keyring => Store::Keyring,
        StorePlace::File => Store::File,
    });
    let desk = desk(&Secrets::of_process);
    let told = |error| tell(args, error);
    let visit = Visit::new(&desk, &args.url, store).map_err(told)?;
    let proof = proof(args, visit.origin())?;
    if terminal.shows_progress {
        writeln!(std::io::stderr(), "Asking {} …", visit.origin())?;
    }
    let done = visit.sign_in(proof, &|| false).map_err(told)?;
    report(&done, out)?;
    Ok(ExitCode::SUCCESS)
}

fn proof(args: &LoginArgs, origin: &config::Origin) -> anyhow::Result<Proof> {
    let Some(user) = &args.user else {
        if !args.token_stdin && !stdin().is_terminal() {
            let why = "there is no terminal to ask for the token at; give it on standard input, with --token-stdin";
            return Err(Usage(why.to_owned()).into());
        }
        return Ok(Proof::Token(line(
            &format!("API token for {origin} (there: user menu, \"API v2 Key\"): "),
            "token",
        )?));
    };
    let password = line(&format!("Password of {user} at {origin}: "), "password")?;
    Ok(Proof::Password { user: user.clone(), password })
}

/// One line: asked for where there is a terminal, and not shown.
fn line(question: &str, what: &str) -> anyhow::Result<SecretString> {
    let line = if stdin().is_terminal() { ask::hidden(question)? } else { first(stdin().lock())? };
    // White space around a pasted token is none of it; a password may want its own.
    let line = if what == "token" { line.trim() } else { &line };
    if line.is_empty() {
        return Err(Usage(format!("no {what} was given; nothing was asked of the server")).into());
    }
    Ok(SecretString::from(line.to_owned()))
}

/// The first line, without its end.
fn first(input: impl BufRead) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    input.take(MAX_LINE).read_until(b'\n', &mut bytes)?;
    let text = String::from_utf8(bytes).map_err(|_| Usage("standard input holds no text".to_owned()))?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// The error in the words of a command, with its exit code.
fn tell(args: &LoginArgs, error: LoginError) -> anyhow::Error {
    let is_users = error.is_users();
    let text = match error {
        LoginError::NoKeyring { why } => {
            let how = if args.token_stdin { " --token-stdin".to_owned() } else { String::new() };
            let who = args.user.as_ref().map(|user| format!(" --user {}", quoted(user))).unwrap_or_default();
            format!(
                "the keyring of this system cannot be used ({why}); nothing was stored. Unlock it, or keep the token in a \
                 file that only you can read:\n  aspm-lsp login {}{how}{who} --store file",
                quoted(&args.url)
            )
        }
        error => error.to_string(),
    };
    if is_users { Usage(text).into() } else { anyhow::Error::msg(text) }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "@%+=:,./_-[]".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) && !text.contains(['[', ']']) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

fn report(done: &SignedIn, out: &mut dyn Write) -> std::io::Result<()> {
    let version = done.account.version.as_ref().map(|version| format!(" {version}")).unwrap_or_default();
    writeln!(out, "signed in to {} as {} (DefectDojo{version})", done.origin, done.account.user)?;
    writeln!(out, "The token is in {}.", place(done.store))?;
    let (file, written) = &done.config;
    match written {
        Written::Added => writeln!(out, "{} lists the server now.", file.display())?,
        Written::Changed => writeln!(out, "{} says so now.", file.display())?,
        Written::Kept => {}
    }
    for remark in &done.remarks {
        writeln!(out, "{remark}")?;
    }
    writeln!(out, "Next, in a repository: aspm-lsp init, then aspm-lsp sync")
}

/// Signs out.
pub(super) fn run_logout(args: &LogoutArgs, out: &mut dyn Write) -> anyhow::Result<ExitCode> {
    let SignedOut { origin, deleted, config: (file, is_listed, written), remarks } =
        sign_out(&desk(&Secrets::of_process), &args.url).map_err(|error| Usage(error.to_string()))?;
    if deleted.is_empty() {
        writeln!(out, "there was no credential of {origin} to delete")?;
    } else {
        let places: Vec<&str> = deleted.into_iter().map(place).collect();
        writeln!(out, "signed out of {origin}: the token was deleted from {}", places.join(" and from "))?;
        writeln!(out, "The server still knows it. If others may have seen it, make a new one there.")?;
    }
    match (is_listed, written) {
        (false, _) => writeln!(out, "{} does not list the server.", file.display())?,
        (true, Written::Kept) => writeln!(out, "{} still lists the server; it was not changed.", file.display())?,
        (true, _) => writeln!(out, "{} still lists the server, now without a credential.", file.display())?,
    }
    for remark in remarks {
        writeln!(out, "{remark}")?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_to_be_copied_is_safe_in_a_shell() {
        for (text, expected) in [
            ("https://dojo.example.com:8443/a", "https://dojo.example.com:8443/a"),
            ("dana@example.com", "dana@example.com"),
            ("http://[::1]:80", "'http://[::1]:80'"),
            ("dana; rm -rf ~", "'dana; rm -rf ~'"),
            ("o'hara", r"'o'\''hara'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }

    #[test]
    fn one_line_is_read_and_its_end_is_no_part_of_it() {
        for (text, expected) in
            [("abc\ndef\n", "abc"), ("abc\r\n", "abc"), ("abc", "abc"), (" a b \n", " a b "), ("", "")]
        {
            assert_eq!(first(text.as_bytes()).unwrap(), expected);
        }
        assert!(first(&b"\xff\xfe"[..]).is_err());
    }
}
