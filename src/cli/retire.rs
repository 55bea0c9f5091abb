//! `tradepost retire`: takes away what tradepost left at shops and at the homeserver, while the service is stopped.

use crate::admin::Retirement;
use crate::app::Made;
use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::service::make;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::store::StoreError;
use std::path::Path;
use std::sync::Arc;

/// The files that the homeserver has of us.
pub(super) struct Registrations<'a> {
    /// The registration.
    pub(super) first: &'a Path,
    /// The one for sharing in one's own name.
    pub(super) second: &'a Path,
}

/// Says what is to be done, and does it unless it is only asked what that is.
pub(super) async fn retire(dry_run: bool, config_file: &Path, registrations: Registrations<'_>) -> Result<(), Failure> {
    let config = Config::load(config_file, &environment).map_err(config_failure)?;
    let Made { store, client, actions, .. } = make(&config).await?;
    let clock = Arc::new(SystemClock);
    let retirement = Retirement { store: Arc::clone(&store), client, actions, language: config.language, clock };
    let plan = retirement.plan().await.map_err(database)?;
    let mut left = 0_usize;
    for step in &plan.steps {
        if dry_run {
            println!("would {step}");
        } else if let Err(reason) = retirement.take(step).await {
            left += 1;
            println!("FAILED to {step}: {reason}");
        } else {
            println!("done: {step}");
        }
    }
    if let Some(reason) = &plan.unknown {
        left += 1;
        println!("FAILED to find the bot's rooms and devices: {reason}");
    }
    store.close().await.map_err(database)?;
    if left > 0 {
        let text = format!("{left} of it could not be done; it is listed above");
        return Err(Failure::said(ExitStatus::Partly, text, "type it again: what is done stays done"));
    }
    farewell(dry_run, &config, config_file, &registrations, &plan.by_hand);
    Ok(())
}

/// What is left to be done by the operator.
fn farewell(dry_run: bool, config: &Config, config_file: &Path, registrations: &Registrations<'_>, by_hand: &[String]) {
    println!("\n{}", if dry_run { "What you would do then:" } else { "What you have to do now:" });
    for line in by_hand {
        println!("- {line}");
    }
    let mut files = vec![registrations.first];
    if config.double_puppet.as_token.is_made() {
        files.push(registrations.second);
    }
    for file in &files {
        println!("- take {} out of the homeserver's app_service_config_files", file.display());
    }
    println!("- restart the homeserver, and then deactivate {} there, if nobody is to see it any more", config.us().bot);
    if let Some(address) = &config.web.public_url {
        println!("- take {address} out of your proxy");
    }
    println!("- remove {} and {}, and what you have of backups", config.database.path.display(), config.encryption.path.display());
    println!("- remove {}, which opens what is sealed in them", config.encryption.key_file.display());
    files.push(config_file);
    for file in files {
        println!("- remove {}: tokens are in it", file.display());
    }
}

fn database(error: StoreError) -> Failure {
    Failure::new(ExitStatus::Database, error, "what is done stays done: type it again")
}
