//! Whatever arrives: a refusal, never a panic and never a part.

use aspm_policy::bundle::{Bundle, Expect, Overrides, build, unpack};
use proptest::prelude::*;

use crate::archive::gzip;
use crate::{GATE, folder, now, secret_key, secret_signer};

fn small_signed() -> Vec<u8> {
    let files = folder(&[("gate.rego", GATE), ("data.yaml", "a: [1, on]\n"), (".manifest", r#"{"revision":"r"}"#)]);
    build(&files, &Overrides::default(), Some(&secret_signer(Some("ci")))).expect("a good folder")
}

fn is_accepted(archive: &[u8]) -> bool {
    let keys = [secret_key("ci")];
    unpack(archive).is_ok_and(|raw| Bundle::read("x", &raw, &Expect { keys: &keys, now: now() }).is_ok())
}

#[test]
fn a_signed_bundle_cut_at_any_byte_is_refused() {
    let whole = small_signed();
    assert!(is_accepted(&whole));
    for end in 0..whole.len() {
        assert!(!is_accepted(&whole[..end]), "cut at {end} of {}", whole.len());
    }
}

#[test]
fn its_tar_cut_at_any_block_is_refused_even_when_compressed_anew() {
    let mut tar = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(small_signed().as_slice()), &mut tar).unwrap();
    assert!(is_accepted(&gzip(&tar)));
    for end in (0..tar.len()).step_by(64) {
        assert!(!is_accepted(&gzip(&tar[..end])), "cut at {end} of {}", tar.len());
    }
}

#[test]
fn no_changed_byte_of_a_file_passes() {
    let raw = unpack(&small_signed()).unwrap();
    let keys = [secret_key("ci")];
    for (path, content) in raw.iter().filter(|(path, _)| *path == "gate.rego" || *path == "data.json") {
        for at in 0..content.len() {
            let files = raw.iter().map(|(name, text)| {
                let mut text = text.to_vec();
                if name == path {
                    text[at] ^= 1;
                }
                (name.to_owned(), text)
            });
            let changed = aspm_policy::bundle::Raw::from_files(files).unwrap();
            assert!(Bundle::read("x", &changed, &Expect { keys: &keys, now: now() }).is_err(), "{path} at {at}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        drop(unpack(&bytes));
        prop_assert!(!is_accepted(&gzip(&bytes)));
    }

    #[test]
    fn a_damaged_archive_never_panics_nor_passes_with_other_content(at in 0_usize..4096, flip in 1_u8..=255) {
        let whole = small_signed();
        let mut archive = whole.clone();
        let at = at % archive.len();
        archive[at] ^= flip;
        // Two packings can mean the same bytes; the checksum holds only for those.
        if let Ok(raw) = unpack(&archive) {
            prop_assert_eq!(raw, unpack(&whole).unwrap(), "byte {}", at);
        }
    }

    #[test]
    fn a_damaged_tar_never_panics(at in any::<prop::sample::Index>(), value in any::<u8>()) {
        let mut tar = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(small_signed().as_slice()), &mut tar).unwrap();
        let at = at.index(tar.len());
        tar[at] = value;
        drop(unpack(&gzip(&tar)));
    }

    #[test]
    fn any_names_and_contents_never_panic(
        files in prop::collection::vec((".{0,20}", prop::collection::vec(any::<u8>(), 0..50)), 0..5),
        signatures in prop::option::of(".{0,80}"),
    ) {
        let keys = [secret_key("ci")];
        let extra = signatures.map(|text| (".signatures.json".to_owned(), text.into_bytes()));
        if let Ok(raw) = aspm_policy::bundle::Raw::from_files(files.into_iter().chain(extra)) {
            drop(Bundle::read("x", &raw, &Expect { keys: &[], now: now() }));
            let is_refused = Bundle::read("x", &raw, &Expect { keys: &keys, now: now() }).is_err();
            prop_assert!(is_refused);
        }
    }
}
