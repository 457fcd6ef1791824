//! `Dockerfile`: the images that others are built from.

use std::collections::HashMap;

use crate::format::Format;
use crate::manifest::{Manifest, Package, Relation, Token};

pub(super) fn read(text: &str, manifest: &mut Manifest) {
    let mut stages: Vec<String> = Vec::new();
    let mut arguments: HashMap<&str, Token> = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = start;
        start += line.len();
        let said = line.trim();
        let mut words = said.split_whitespace();
        match words.next().map(str::to_ascii_uppercase).as_deref() {
            Some("ARG") => {
                let Some((name, value)) = words.next().and_then(|word| word.split_once('=')) else { continue };
                let value = value.trim_matches(['"', '\'']);
                if let Some(found) = line.find(value).filter(|_| !value.is_empty()) {
                    arguments.insert(name, Token::new(value, at + found..at + found + value.len()));
                }
            }
            Some("FROM") => {
                let Some(image) = words.find(|word| !word.starts_with("--")) else { continue };
                let alias = words.nth(1).map(str::to_lowercase);
                if image != "scratch" && !stages.contains(&image.to_lowercase()) {
                    let offset = line.find(image).unwrap_or(0);
                    if let Some(package) = of_image(image, at + offset, &arguments) {
                        manifest.push(package);
                    }
                }
                stages.extend(alias);
            }
            _ => {}
        }
    }
}

/// `registry:5000/name:tag@sha256:…`, where the tag may be an argument.
fn of_image(image: &str, at: usize, arguments: &HashMap<&str, Token>) -> Option<Package> {
    let bare = image.split('@').next().unwrap_or(image);
    // A colon before the last slash is a port.
    let from = bare.rfind('/').map_or(0, |slash| slash + 1);
    let colon = bare[from..].find(':').map(|found| from + found);
    let name = &bare[..colon.unwrap_or(bare.len())];
    let version = colon.map(|colon| Token::new(&bare[colon + 1..], at + colon + 1..at + bare.len()));
    let mut package =
        Package::new(Format::Dockerfile, Token::new(name, at..at + name.len()), version, Relation::Direct);
    if name.contains('$') {
        return None;
    }
    let variable = package.version.as_ref().and_then(|token| {
        let inner = token.text.strip_prefix('$')?.trim_matches(['{', '}']);
        arguments.get(inner.split(":-").next().unwrap_or(inner)).cloned()
    });
    package.definition = variable;
    package.pinned_by = Some("which tag of an image is free of a weakness only its maker can say");
    Some(package)
}
