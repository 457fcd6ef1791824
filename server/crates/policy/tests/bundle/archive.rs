//! From `.tar.gz` to files: whole, plain, within bounds, or not at all.

use std::io::Write as _;

use aspm_policy::bundle::{Error, MAX_FILES, unpack};
use flate2::{Compression, write::GzEncoder};
use tar::{Builder, EntryType, Header};

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

/// An entry with its name written as it is, which `tar` itself would refuse for some.
fn entry(builder: &mut Builder<Vec<u8>>, kind: EntryType, name: &[u8], content: &[u8]) {
    let mut header = Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.as_mut_bytes()[..name.len()].copy_from_slice(name);
    header.set_cksum();
    builder.append(&header, content).expect("memory");
}

fn tar_of(files: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(Vec::new());
    for (name, content) in files {
        entry(&mut builder, EntryType::Regular, name, content);
    }
    builder.into_inner().expect("memory")
}

fn refusal(archive: &[u8]) -> String {
    unpack(archive).expect_err("must be refused").to_string()
}

#[test]
fn names_with_a_leading_slash_or_dot_mean_the_plain_name() {
    let raw = unpack(&gzip(&tar_of(&[(b"/data.json", b"{}"), (b"./a/b.rego", b"package a")]))).unwrap();
    let names: Vec<&str> = raw.iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a/b.rego", "data.json"]);
}

#[test]
fn names_that_point_elsewhere_are_refused() {
    let names: &[&[u8]] = &[
        b"../data.json",
        b"a/../../b",
        b"a/./b",
        b"a//b",
        b"//etc/passwd",
        b"/../x",
        b"..",
        b"a\\b",
        b"..\\..\\x",
        b"C:/x",
        b"c:x",
        b"/C:/x",
        b"a\nb",
        b"\xff\xfe",
        b"./",
        b"a/",
    ];
    for name in names {
        let error = unpack(&gzip(&tar_of(&[(name, b"x")]))).expect_err(&String::from_utf8_lossy(name));
        assert!(matches!(error, Error::Path { .. }), "{} gave {error}", String::from_utf8_lossy(name));
    }
}

#[test]
fn two_files_of_one_name_are_refused() {
    for second in [b"data.json".as_slice(), b"./data.json", b"/data.json"] {
        let refusal = refusal(&gzip(&tar_of(&[(b"data.json", b"{}"), (second, b"{\"a\":1}")])));
        assert!(refusal.contains("two files have this name"), "{refusal}");
    }
}

#[test]
fn links_and_special_entries_are_refused() {
    let kinds = [
        EntryType::Symlink,
        EntryType::Link,
        EntryType::Char,
        EntryType::Block,
        EntryType::Fifo,
        EntryType::Continuous,
    ];
    for kind in kinds {
        let mut builder = Builder::new(Vec::new());
        entry(&mut builder, kind, b"data.json", b"");
        let refusal = refusal(&gzip(&builder.into_inner().unwrap()));
        assert!(refusal.contains("plain files only"), "{kind:?}: {refusal}");
    }
}

#[test]
fn folders_are_no_files() {
    let mut builder = Builder::new(Vec::new());
    entry(&mut builder, EntryType::Directory, b"policy/", b"");
    entry(&mut builder, EntryType::Regular, b"policy/a.rego", b"package a");
    let raw = unpack(&gzip(&builder.into_inner().unwrap())).unwrap();
    assert_eq!(raw.iter().count(), 1);
}

#[test]
fn an_archive_cut_between_two_files_is_cut_off() {
    let whole = tar_of(&[(b"a.rego", b"package a"), (b"b.rego", b"package b")]);
    for blocks in 0..4 {
        let refusal = refusal(&gzip(&whole[..blocks * 512]));
        assert!(refusal.contains("ends before its end"), "{blocks} blocks: {refusal}");
    }
    assert!(refusal(&gzip(&whole[..4 * 512 + 512])).contains("ends before its end"), "one empty block is half an end");
}

#[test]
fn nothing_hides_behind_the_end() {
    let first = tar_of(&[(b"a.rego", b"package a")]);
    let second = tar_of(&[(b"b.rego", b"package b")]);
    let joined = [first.clone(), second.clone()].concat();
    assert!(refusal(&gzip(&joined)).contains("follows the end"));
    assert!(refusal(&[gzip(&first), gzip(&second)].concat()).contains("follows the end"));
    refusal(&[gzip(&first), b"trailing".to_vec()].concat());
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked() {
    let zeros = vec![0_u8; 20 << 20];
    let bomb = gzip(&tar_of(&[(b"data.json", &zeros)]));
    assert!(bomb.len() < 100 << 10, "the bomb is small: {}", bomb.len());
    assert!(refusal(&bomb).contains("200 times its size"));
}

#[test]
fn bounds_hold_for_each_file_for_all_and_for_their_number() {
    let noise = |len: usize| {
        let mut state = 1_u64;
        std::iter::repeat_with(move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 56) as u8
        })
        .take(len)
        .collect::<Vec<u8>>()
    };
    let large = noise((32 << 20) + 1);
    assert!(refusal(&gzip(&tar_of(&[(b"data.json", &large)]))).contains("more than 32 MiB"));
    let many: Vec<(String, Vec<u8>)> = (0..=MAX_FILES).map(|at| (format!("f{at}"), Vec::new())).collect();
    let error = aspm_policy::bundle::Raw::from_files(many).expect_err("one too many");
    assert!(error.to_string().contains("more than 10000 files"), "{error}");
    let full = (0..3).map(|at| (format!("f{at}"), vec![b'x'; 30 << 20]));
    let error = aspm_policy::bundle::Raw::from_files(full).expect_err("too much together");
    assert!(error.to_string().contains("64 MiB together"), "{error}");
}

#[test]
fn what_is_no_archive_is_told_so() {
    for bytes in [b"".as_slice(), b"<html>404</html>", b"\x1f\x8b", b"PK\x03\x04"] {
        let refusal = refusal(bytes);
        assert!(refusal.starts_with("The archive cannot be read"), "{refusal}");
    }
}
