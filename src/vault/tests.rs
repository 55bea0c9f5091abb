//! The key file, and what is sealed.

use super::Key;
use super::VaultError;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

fn key() -> Key {
    Key::load_or_make(&directory().path().join("key")).unwrap()
}

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn write(file: &Path, text: &str, mode: u32) {
    std::fs::write(file, text).unwrap();
    std::fs::set_permissions(file, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_key_is_made_once_for_its_owner_only_and_then_read() {
    let directory = directory();
    let file = directory.path().join("key");
    assert!(matches!(Key::load(&file), Err(VaultError::Missing { .. })));

    let sealed = Key::load_or_make(&file).unwrap().seal("secret", b"hush").unwrap();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).unwrap();
    assert_eq!(BASE64_STANDARD.decode(text.trim()).unwrap().len(), 32);
    assert_eq!(directory.path().read_dir().unwrap().count(), 1, "nothing else is left");

    for key in [Key::load(&file).unwrap(), Key::load_or_make(&file).unwrap()] {
        assert_eq!(key.open("secret", &sealed).unwrap().as_slice(), b"hush");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
}

#[test]
fn two_keys_are_different_ones() {
    let (one, other) = (key(), key());
    assert_ne!(one.derive("x"), other.derive("x"));
}

#[test]
fn a_key_file_that_is_open_to_others_is_refused_and_not_replaced() {
    let directory = directory();
    let file = directory.path().join("key");
    let good = BASE64_STANDARD.encode([7; 32]);
    for (mode, is_fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false), (0o620, false), (0o601, false)] {
        write(&file, &good, mode);
        let loaded = Key::load_or_make(&file);
        match loaded {
            Ok(_) => assert!(is_fine, "{mode:o}"),
            Err(error) => {
                assert!(!is_fine, "{mode:o}");
                assert!(error.to_string().contains(&format!("is open to others than its owner (mode {mode:04o})")), "{error}");
                assert!(error.hint().contains("chmod 600"));
            }
        }
        assert_eq!(std::fs::read_to_string(&file).unwrap(), good);
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_file_without_a_key_is_refused_and_not_replaced() {
    let directory = directory();
    let file = directory.path().join("key");
    let short = BASE64_STANDARD.encode([7; 31]);
    for (text, what) in [("", "has not 32 bytes"), (short.as_str(), "has not 32 bytes"), ("hush hush", "is no base64")] {
        write(&file, text, 0o600);
        let said = Key::load_or_make(&file).unwrap_err().to_string();
        assert!(said.contains(what) && !said.contains("hush"), "{said}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
    std::fs::write(&file, [0xff; 32]).unwrap();
    assert!(matches!(Key::load_or_make(&file), Err(VaultError::NoKey { .. })));
}

#[test]
fn a_directory_that_is_not_there_is_not_made() {
    let directory = directory();
    let error = Key::load_or_make(&directory.path().join("nowhere/key")).unwrap_err();
    assert!(matches!(error, VaultError::NotMade { .. }), "{error}");
    assert!(!directory.path().join("nowhere").exists());
    assert!(matches!(Key::load_or_make(directory.path()), Err(VaultError::Unreadable { .. })));
}

#[test]
fn what_is_sealed_opens_with_the_same_key_under_the_same_name() {
    let key = key();
    for plain in [&b""[..], b"hush", &vec![0; 100_000]] {
        let sealed = key.seal("secret", plain).unwrap();
        assert_eq!(key.open("secret", &sealed).unwrap().as_slice(), plain);
        assert!(matches!(key.open("other", &sealed), Err(VaultError::Damaged { .. })));
    }
    assert_ne!(key.seal("secret", b"hush").unwrap(), key.seal("secret", b"hush").unwrap());
}

#[test]
fn another_key_is_told_from_damage() {
    let (one, other) = (key(), key());
    let sealed = one.seal("secret", b"hush").unwrap();
    assert!(matches!(other.open("secret", &sealed), Err(VaultError::AnotherKey { .. })));

    let bytes = BASE64_STANDARD.decode(&sealed).unwrap();
    for at in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[at] ^= 1;
        let error = one.open("secret", &BASE64_STANDARD.encode(&changed)).unwrap_err();
        let is_id = (1..9).contains(&at);
        assert_eq!(matches!(error, VaultError::AnotherKey { .. }), is_id, "byte {at}");
        assert_eq!(matches!(error, VaultError::Damaged { .. }), !is_id, "byte {at}");
        assert!(matches!(one.open("secret", &BASE64_STANDARD.encode(&bytes[..at])), Err(VaultError::Damaged { .. })));
    }
    assert!(matches!(one.open("secret", "no base64"), Err(VaultError::Damaged { .. })));
}

#[test]
fn each_purpose_has_a_key_of_its_own() {
    let key = key();
    assert_eq!(key.derive("bot"), key.derive("bot"));
    assert_ne!(key.derive("bot"), key.derive("@joy:example.org"));
    assert_ne!(key.derive("bot").as_slice(), key.newest.0.as_slice());
}

#[test]
fn a_key_is_not_printed() {
    let key = key();
    assert_eq!(format!("{key:?} {key:#?}"), "Key(…) Key(…)");
}

#[test]
fn a_key_is_changed_in_two_steps_each_of_which_can_be_taken_again() {
    let directory = directory();
    let file = directory.path().join("key");
    let former = Key::load_or_make(&file).unwrap();
    let old = former.seal("secret", b"hush").unwrap();

    let both = Key::begin_change(&file).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let new = both.seal("secret", b"hush").unwrap();
    assert!(both.seals(&new) && !both.seals(&old));
    // Ended here and begun again, it goes on.
    let again = Key::begin_change(&file).unwrap();
    for key in [both, again, Key::load(&file).unwrap(), Key::load_or_make(&file).unwrap()] {
        assert!(key.seals(&new));
        for sealed in [&old, &new] {
            assert_eq!(key.open("secret", sealed).unwrap().as_slice(), b"hush");
        }
        assert_eq!(key.derive_all("bot"), [key.derive("bot"), former.derive("bot")]);
        assert!(matches!(former.open("secret", &key.seal("secret", b"hush").unwrap()), Err(VaultError::AnotherKey { .. })));
    }

    Key::end_change(&file).unwrap();
    let after = Key::end_change(&file).unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 1);
    assert_eq!(after.open("secret", &new).unwrap().as_slice(), b"hush");
    assert!(matches!(after.open("secret", &old), Err(VaultError::AnotherKey { .. })));
    assert_eq!(directory.path().read_dir().unwrap().count(), 1, "nothing else is left");
}

#[test]
fn a_key_that_cannot_be_changed_stays() {
    let directory = directory();
    let file = directory.path().join("key");
    assert!(matches!(Key::begin_change(&file), Err(VaultError::Missing { .. })));
    let good = BASE64_STANDARD.encode([7; 32]);
    for text in [format!("{good}\nhush\n"), "hush".to_owned()] {
        write(&file, &text, 0o600);
        assert!(matches!(Key::begin_change(&file), Err(VaultError::NoKey { .. })));
        assert!(matches!(Key::end_change(&file), Err(VaultError::NoKey { .. })));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn a_key_file_that_is_a_link_stays_one() {
    let directory = directory();
    let (link, file) = (directory.path().join("link"), directory.path().join("key"));
    Key::load_or_make(&file).unwrap();
    std::os::unix::fs::symlink(&file, &link).unwrap();
    Key::begin_change(&link).unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
}
