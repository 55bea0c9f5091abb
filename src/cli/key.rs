//! `tradepost key`: another key for everything that is sealed.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::run::database_hint;
use crate::config::Config;
use crate::domain::sealed;
use crate::matrix::crypto::ResealKeys;
use crate::matrix::crypto::Sealing;
use crate::rotation;
use crate::rotation::Resealed;
use crate::rotation::RotationError;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::sled::SledStore;
use crate::vault::Key;
use crate::vault::VaultError;
use clap::Subcommand;
use std::path::Path;
use std::path::PathBuf;

/// Where it may have gone wrong that nothing is found.
const ELSEWHERE: &str = "run this where tradepost runs, with its configuration, and see database.path and encryption.path";
/// What holds whenever it ends early.
const AGAIN: &str = "nothing is lost; run `tradepost key rotate` again";

/// What can be done with the key.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Command {
    /// Makes a new key, seals everything anew with it, and forgets the old one; tradepost must be stopped
    Rotate {
        /// Say what would be sealed anew, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Does it with the configuration in `file`.
pub(super) async fn run(command: Command, file: &Path, reseal: ResealKeys) -> Result<(), Failure> {
    let config = Config::load_unregistered(file, &environment).map_err(config_failure)?;
    let Command::Rotate { dry_run } = command;
    let store = open(&config).await?;
    let done = if dry_run { survey(&config, &store, reseal).await } else { rotate(&config, &store, reseal).await };
    store.close().await.map_err(database)?;
    done
}

/// Opens the database; it stays open until all is done, so that no tradepost can start meanwhile. A key is
/// only changed where what it sealed is found: the rest would be lost.
async fn open(config: &Config) -> Result<SledStore, Failure> {
    let path = &config.database.path;
    let elsewhere = |what: String| Failure::said(ExitStatus::Database, what, ELSEWHERE);
    if !path.is_dir() {
        return Err(elsewhere(format!("there is no database in {}", path.display())));
    }
    let store = SledStore::open(path).map_err(database)?;
    let has_identity = store.named(&Named::BotIdentity).await.map_err(database)?.is_some();
    let has_secrets = store.named(&Named::SealedSecrets).await.map_err(database)?.is_some();
    if !has_identity && !has_secrets {
        return Err(elsewhere(format!("nothing is sealed in the database {}", path.display())));
    }
    if has_identity && config.encryption.allow && devices(config)?.is_empty() {
        return Err(elsewhere(format!("the devices' keys are not in {}", config.encryption.path.display())));
    }
    Ok(store)
}

async fn survey(config: &Config, store: &dyn Store, reseal: ResealKeys) -> Result<(), Failure> {
    let key = Key::load(&config.encryption.key_file).map_err(vault)?;
    let found = rotation::survey(store, &key).await.map_err(failure)?;
    let (mut databases, mut unopened) = (0, found.unopened.clone());
    for device in devices(config)? {
        match reseal(&device, &key.derive_all(sealed::DEVICES), true).map_err(|error| keys(&device, &error))? {
            Sealing::Absent => {}
            Sealing::Unopened => unopened.push(device.display().to_string()),
            Sealing::Newest | Sealing::Former => databases += 1,
        }
    }
    println!("These would be sealed with a new key:");
    println!("  {found}, databases of devices' keys: {databases}");
    tell_unopened(&unopened);
    println!("Nothing has been changed.");
    Ok(())
}

async fn rotate(config: &Config, store: &dyn Store, reseal: ResealKeys) -> Result<(), Failure> {
    let file = &config.encryption.key_file;
    let key = Key::begin_change(file).map_err(vault)?;
    let done: Resealed = rotation::reseal(store, &key).await.map_err(failure)?;
    let (mut databases, mut unopened) = (0, done.unopened.clone());
    for device in devices(config)? {
        match reseal(&device, &key.derive_all(sealed::DEVICES), false).map_err(|error| keys(&device, &error))? {
            Sealing::Absent | Sealing::Newest => {}
            Sealing::Unopened => unopened.push(device.display().to_string()),
            Sealing::Former => databases += 1,
        }
    }
    // What was sealed anew is on the disk before the former key is forgotten.
    store.close().await.map_err(database)?;
    Key::end_change(file).map_err(vault)?;
    println!("Sealed with a new key:");
    println!("  {done}, databases of devices' keys: {databases}");
    tell_unopened(&unopened);
    println!("The former key is no longer in {}.", file.display());
    println!(
        "Next:\n\
         1. Start tradepost.\n\
         2. Keep a copy of the key file in another place than the database's, and throw the former one away\n\
         \x20  when you have no backup any more that was made before: those open with the former key only."
    );
    Ok(())
}

fn tell_unopened(unopened: &[String]) {
    for name in unopened {
        println!("  left as it is, since no key of the key file opens it: {name}");
    }
}

/// The directories of all devices' keys.
fn devices(config: &Config) -> Result<Vec<PathBuf>, Failure> {
    let path = &config.encryption.path;
    let mut all = directories(path)?;
    all.extend(directories(&path.join("people"))?);
    all.retain(|device| device.file_name() != Some("people".as_ref()) || device.parent() != Some(path));
    all.sort();
    Ok(all)
}

fn directories(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |error: std::io::Error| {
        let error = anyhow::Error::new(error).context(format!("{} cannot be read", path.display()));
        Failure::new(ExitStatus::Encryption, error, "run this as the user who runs tradepost")
    };
    match path.read_dir() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
        Ok(entries) => {
            let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>().map_err(unreadable)?;
            Ok(paths.into_iter().filter(|path| path.is_dir()).collect())
        }
    }
}

fn failure(error: RotationError) -> Failure {
    match error {
        RotationError::Store(error) => database(error),
        RotationError::Vault(error) => vault(error),
    }
}

fn database(error: StoreError) -> Failure {
    let hint = if matches!(error, StoreError::InUse { .. }) { "stop tradepost first" } else { database_hint(&error) };
    Failure::new(ExitStatus::Database, anyhow::Error::new(error), hint)
}

fn vault(error: VaultError) -> Failure {
    let hint = error.hint();
    Failure::new(ExitStatus::Encryption, error, hint)
}

fn keys(device: &Path, error: &str) -> Failure {
    Failure::said(ExitStatus::Encryption, format!("the keys in {} cannot be sealed anew: {error}", device.display()), AGAIN)
}
