//! `tradepost export` and `tradepost import`: the whole store as one file, whatever kind of store it is.

use crate::admin::AdminError;
use crate::admin::Answer;
use crate::admin::CopyDatabase;
use crate::admin::Request;
use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::run::database_hint;
use crate::cli::service::ask;
use crate::cli::service::told;
use crate::cli::service::whole_path;
use crate::config::Config;
use crate::store::sled::SledStore;
use std::path::Path;

/// Writes the store into a new file.
pub(super) async fn export(file: &Path, config: &Path, copy: CopyDatabase) -> Result<(), Failure> {
    let request = Request::Export { file: whole_path(file)? };
    if let Answer::Exported { schema, values } = ask(config, copy, request).await? {
        println!("{}: {values} values of schema {schema}", file.display());
    }
    Ok(())
}

/// Makes the database from such a file, where none is.
pub(super) async fn import(file: &Path, config: &Path) -> Result<(), Failure> {
    let config = Config::load(config, &environment).map_err(config_failure)?;
    let (path, from) = (config.database.path, file.to_owned());
    let imported = tokio::task::spawn_blocking(move || {
        SledStore::import(&path, &from).map_err(|error| {
            let hint = database_hint(&error).to_owned();
            told(AdminError { hint, ..error.into() })
        })
    });
    let imported = imported.await.map_err(|error| Failure::new(ExitStatus::Other, error, ""))??;
    println!("{}: {} values of schema {}", file.display(), imported.values, imported.schema);
    println!("The key file and the devices' keys are not in it: `tradepost backup` holds these too.");
    Ok(())
}
