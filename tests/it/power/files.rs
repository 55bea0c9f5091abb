//! The files that the command line writes.

use crate::support::disk::Disk;
use crate::support::disk::Unsynced;
use std::path::Path;
use std::process::Command;

fn type_registration(etc: &Path, disk: &Disk) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tradepost"));
    command.arg("registration").arg("-c").arg(etc.join("config.toml")).arg("-r").arg(etc.join("registration.yaml"));
    let ended = command.envs(disk.environment()).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
}

#[test]
fn tokens_that_were_made_survive_a_loss_of_power_in_both_files() {
    let directory = tempfile::tempdir().unwrap();
    let etc = directory.path().join("etc");
    std::fs::create_dir(&etc).unwrap();
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("config.example.toml"), etc.join("config.toml")).unwrap();
    let before = std::fs::read_to_string(etc.join("config.toml")).unwrap();
    let disk = Disk::under(directory.path());
    type_registration(&etc, &disk);
    let written = ["config.toml", "registration.yaml"].map(|file| std::fs::read_to_string(etc.join(file)).unwrap());
    assert_ne!(written[0], before);
    let left = |at: u64, unsynced: Unsynced| {
        let left = tempfile::tempdir().unwrap();
        disk.leaves(at, unsynced, left.path());
        ["config.toml", "registration.yaml"].map(|file| std::fs::read_to_string(left.path().join("etc").join(file)).unwrap_or_default())
    };
    // Once it has ended, both are there, whatever was not synced.
    assert_eq!(left(u64::MAX, Unsynced::Lost), written);
    // At each moment before, each is there as it was or as it is to be, and the registration never without its tokens.
    for at in (0..=disk.written()).step_by(7) {
        for unsynced in [Unsynced::Lost, Unsynced::Some(at), Unsynced::Some(at + 1)] {
            let [config, registration] = left(at, unsynced);
            assert!(config == before || config == written[0], "{config}");
            assert!(registration.is_empty() || (registration == written[1] && config == written[0]), "{registration}");
        }
    }
}
