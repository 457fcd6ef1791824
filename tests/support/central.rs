//! The stand-in for a central platform, as a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::Workspace;

/// Of the stand-in's ordinary user.
pub(crate) const TOKEN: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// A running server; it ends with this value.
pub(crate) struct Central {
    process: Child,
    pub(crate) url: String,
}

impl Central {
    /// With one product, `shop`, whose repository is [`Workspace::with_remote`]'s, and these findings of `commit`.
    pub(crate) fn start(commit: &str, findings: &Value) -> Self {
        let seed = json!({
            "users": [
                { "username": "dev", "token": TOKEN, "password": "dev-password" },
                { "username": "admin", "token": "0123456789abcdef0123456789abcdef01234567", "is_staff": true }
            ],
            "products": [{ "name": "shop", "engagements": [{
                "name": "main",
                "repository": "https://git.example/acme/shop",
                "tests": [{ "type": "Bandit Scan", "branch_tag": "main", "commit_hash": commit, "findings": findings }]
            }] }]
        });
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("seed.json");
        std::fs::write(&file, seed.to_string()).expect("written");
        let mut process = Command::new("python3")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/defectdojo"))
            .arg("--seed")
            .arg(&file)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut url = String::new();
        let out = process.stdout.take().expect("piped");
        BufReader::new(out).read_line(&mut url).expect("it says where it is");
        Self { process, url: url.trim().to_owned() }
    }

    /// Asks the stand-in itself; see its README.
    pub(crate) fn control(&self, name: &str, body: &Value) -> Value {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).expect("it listens");
        let body = body.to_string();
        let head = format!(
            "POST /_control/{name} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).expect("sent");
        stream.write_all(body.as_bytes()).expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("answered");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.contains(" 200 "), "{answer}");
        serde_json::from_str(body).unwrap_or(Value::Null)
    }

    /// The workspace is bound to this server by its repository, and the user has named it.
    pub(crate) fn bind(&self, workspace: &Workspace) {
        self.bind_with(workspace, "");
    }

    /// The same, with more in the user's configuration; may be called again.
    pub(crate) fn bind_with(&self, workspace: &Workspace, more: &str) {
        if !workspace.git(&["remote"]).contains("origin") {
            workspace.git(&["remote", "add", "origin", "git@git.example:acme/shop.git"]);
        }
        workspace.write(
            "aspm.toml",
            format!("[[source]]\nname = \"central\"\nkind = \"defectdojo\"\nurl = {:?}\n", self.url),
        );
        self.bind_user(workspace, more);
    }

    /// The user has named this server, and says this besides.
    pub(crate) fn bind_user(&self, workspace: &Workspace, more: &str) {
        let token = workspace.beside("token");
        std::fs::write(&token, TOKEN).expect("written");
        let auth = format!("{{ command = [\"cat\", {:?}] }}", token.display().to_string());
        workspace.user_config(&format!("{more}\n[[server]]\nurl = {:?}\nauth = {auth}\n", self.url));
    }

    /// The finding as the server has it, by its title.
    pub(crate) fn finding(&self, title: &str) -> Value {
        let all = self.control("findings", &Value::Null);
        let list = all.as_array().cloned().or_else(|| all["results"].as_array().cloned()).unwrap_or_default();
        let found = list.into_iter().find(|finding| finding["title"] == title);
        found.unwrap_or_else(|| panic!("no {title} in {all:#}"))
    }
}

impl Drop for Central {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
