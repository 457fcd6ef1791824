//! `aspm/login`: an editor hands over a token that its user typed, and keeps none.
//!
//! The parameters are read by hand: no text about a mistake in them repeats any of their values.

use std::sync::Arc;

use config::dirs::process_env;
use connectors::http::{Secrets, Store};
use finding::wire::{LoginAnswer, LoginStore};
use secrecy::SecretString;
use serde_json::Value;
use tower_lsp::jsonrpc::{Error, Result};

use crate::login::{Desk, LoginError, Proof, SignedIn, Visit, config_file};
use crate::lsp::answer::{answer, failed};
use crate::lsp::session::Session;

/// What may be said; anything else is a mistake, or an attempt to have more done.
const KEYS: [&str; 3] = ["url", "token", "store"];

struct Asked {
    url: String,
    token: SecretString,
    store: Option<Store>,
}

pub(in crate::lsp) async fn handle(session: &Arc<Session>, params: Value) -> Result<LoginAnswer> {
    answer(session, "aspm/login", move |session, snapshot, cancelled| {
        let asked = read(&params).map_err(Error::invalid_params)?;
        drop(params);
        if !snapshot.is_trusted() {
            let why = "this workspace is not trusted, so nothing is asked over the network: trust it, or sign in at a \
                       terminal with `aspm-lsp login`";
            return Err(Error::invalid_params(why));
        }
        let secrets = Secrets::of_process;
        let (env, cache) = (&process_env, session.cache.clone());
        let desk = Desk { env, config_file: config_file(env), secrets: &secrets, cache };
        let visit = Visit::new(&desk, &asked.url, asked.store).map_err(told)?;
        let done = visit.sign_in(Proof::Token(asked.token), cancelled).map_err(told)?;
        session.driver.signed_in(&done.origin);
        Ok(said(done))
    })
    .await
}

fn read(params: &Value) -> std::result::Result<Asked, String> {
    let Some(fields) = params.as_object() else {
        return Err("aspm/login needs an object {\"url\", \"token\", \"store\"?}".to_owned());
    };
    if fields.keys().any(|key| !KEYS.contains(&key.as_str())) {
        return Err(format!("aspm/login takes {} and nothing else", KEYS.join(", ")));
    }
    let text = |key: &str| fields.get(key).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
    let url = text("url").ok_or("aspm/login needs `url`: the server's address")?;
    let token = text("token").ok_or("aspm/login needs `token`: a text that is not empty")?;
    let store = match fields.get("store") {
        None | Some(Value::Null) => None,
        Some(store) if store == "keyring" => Some(Store::Keyring),
        Some(store) if store == "file" => Some(Store::File),
        Some(_) => return Err("`store` is \"keyring\" or \"file\"".to_owned()),
    };
    Ok(Asked { url: url.to_owned(), token: SecretString::from(token.to_owned()), store })
}

fn told(error: LoginError) -> Error {
    let is_users = error.is_users();
    let text = match error {
        LoginError::NoKeyring { why } => format!(
            "the keyring of this system cannot be used ({why}); nothing was stored. Unlock it, or ask with \"store\": \
             \"file\" to keep the token in a file that only you can read"
        ),
        LoginError::Elsewhere { origin, from } => format!(
            "the credential of {origin} comes from {from}, as your configuration says; put the token there. To have it \
             kept here instead, ask with \"store\": \"keyring\" or \"file\""
        ),
        error => error.to_string(),
    };
    if is_users {
        return Error::invalid_params(text);
    }
    failed(text)
}

fn said(done: SignedIn) -> LoginAnswer {
    LoginAnswer {
        version: 1,
        origin: done.origin.to_string(),
        account: done.account.user,
        server_version: done.account.version,
        store: match done.store {
            Store::Keyring => LoginStore::Keyring,
            Store::File => LoginStore::File,
        },
        remarks: done.remarks,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_about_a_mistake_repeats_what_was_given() {
        for params in [
            json!("hunter2"),
            json!(["hunter2"]),
            json!({ "url": "hunter2" }),
            json!({ "url": "https://a.example", "token": ["hunter2"] }),
            json!({ "url": "https://a.example", "token": "x", "store": "hunter2" }),
            json!({ "url": "https://a.example", "token": "x", "hunter2": "hunter2" }),
            json!({ "url": "https://a.example", "token": "x", "command": ["hunter2"] }),
            json!({ "url": "https://a.example", "token": "x", "ca": "/hunter2" }),
        ] {
            let why = read(&params).err().unwrap_or_else(|| panic!("{params} was taken"));
            assert!(!why.contains("hunter2"), "{why}");
        }
        assert!(read(&json!({ "url": "https://a.example", "token": " x\n", "store": null })).is_ok());
    }
}
