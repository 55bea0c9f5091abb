//! `tradepost backup` and `tradepost restore`: everything that is needed to begin again elsewhere.

use crate::admin::Answer;
use crate::admin::CopyDatabase;
use crate::admin::Places;
use crate::admin::Request;
use crate::admin::restore as bring_back;
use crate::cli::admin::time;
use crate::cli::environment;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::service::ask;
use crate::cli::service::told;
use crate::cli::service::whole_path;
use crate::config::Config;
use std::path::Path;

/// Makes a backup in a new directory.
pub(super) async fn backup(directory: &Path, with_key: bool, config: &Path, copy: CopyDatabase) -> Result<(), Failure> {
    let request = Request::Backup { directory: whole_path(directory)?, with_key };
    if let Answer::BackedUp(manifest) = ask(config, copy, request).await? {
        println!(
            "{}: {} values of schema {}, as of {}",
            directory.display(),
            manifest.values,
            manifest.schema,
            time(Some(manifest.made_at))
        );
        match (&manifest.key, with_key) {
            (Some(_), true) => println!("The key file is in it: whoever has the backup can pass for the bot. Keep it safe."),
            (Some(_), false) => println!("The key file is not in it, and nothing sealed can be opened without: keep it elsewhere."),
            (None, _) => {}
        }
        println!("The configuration and the registration are not in it.");
    }
    Ok(())
}

/// Restores a backup into empty places.
pub(super) async fn restore(directory: &Path, config: &Path) -> Result<(), Failure> {
    let config = Config::load(config, &environment).map_err(config_failure)?;
    let places = Places { database: config.database.path, keys: config.encryption.path, key_file: config.encryption.key_file };
    let manifest = bring_back(directory, &places).await.map_err(told)?;
    println!("{} values of schema {} are back, as of {}", manifest.values, manifest.schema, time(Some(manifest.made_at)));
    println!("Start tradepost with: tradepost run");
    println!("If its keys are of another time, the bot takes a new device then.");
    println!("Who shares in their own name in encrypted chats is told, types `!share as me`, and verifies the new device.");
    Ok(())
}
