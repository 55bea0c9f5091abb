//! `tradepost platform`: the platforms that send trades by tradepost's own interface, and their keys.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::files;
use crate::cli::registration::config_failure;
use crate::clock::Randomness;
use crate::config::Config;
use crate::config::partners;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use clap::Subcommand;
use std::path::Path;
use zeroize::Zeroizing;

/// Who is asked when something cannot be: the list.
const SEE_LIST: &str = "see which there are with: tradepost platform list";

/// What can be done with platforms.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Command {
    /// Makes a key for a platform, writes it into the configuration and shows it, once
    New {
        /// What people type for the platform: a-z, 0-9 and -
        name: String,
        /// Where the platform registers accounts
        #[arg(long)]
        url: String,
    },
    /// Shows the platforms, without their keys
    List,
    /// Makes another key, which takes the place of the old one
    Rotate {
        /// The platform
        name: String,
    },
    /// Takes a platform with its key out of the configuration
    Revoke {
        /// The platform
        name: String,
    },
}

/// Does it with the configuration in `file`.
pub(super) fn run(command: Command, file: &Path, randomness: &dyn Randomness) -> Result<(), Failure> {
    let config = Config::load_unregistered(file, &environment).map_err(config_failure)?;
    match command {
        Command::List => {
            list(&config);
            Ok(())
        }
        Command::New { name, url } => make(&config, file, &name, &url, randomness),
        Command::Rotate { name } => rotate(&config, file, &name, randomness),
        Command::Revoke { name } => revoke(&config, file, &name),
    }
}

fn make(config: &Config, file: &Path, name: &str, url: &str, randomness: &dyn Randomness) -> Result<(), Failure> {
    if config.platforms.partners.0.contains_key(name) {
        let hint = format!("give it another key with: tradepost platform rotate {name} -c {}", file.display());
        return Err(Failure::said(ExitStatus::Config, format_args!("there is a platform {name} already"), hint));
    }
    let key = new_key(randomness);
    change(file, |text| partners::with(text, name, url, &key))?;
    println!("The platform {name} is written to {}.", file.display());
    println!(
        "Next:\n\
         1. Give this key to whoever runs {name}, so that nobody else sees it. It is not shown again.\n\
         \x20      {key}\n\
         \x20  With it tradepost signs what it asks at {url}\n\
         2. Give them docs/PUSH.md, which says what a platform has to do, and docs/openapi.yaml.\n\
         3. Restart tradepost.\n\
         4. People add their accounts there with:\n\
         \x20      !share add {name} <account>",
        key = *key,
    );
    Ok(())
}

fn list(config: &Config) {
    if config.platforms.partners.0.is_empty() {
        println!("There are none. Make one with: tradepost platform new NAME --url URL");
    }
    for (name, partner) in &config.platforms.partners.0 {
        let without_key = if partner.key.is_made() { "" } else { "  (no key: it is not asked)" };
        println!("{name}  {}{without_key}", partner.registration_url);
    }
}

fn rotate(config: &Config, file: &Path, name: &str, randomness: &dyn Randomness) -> Result<(), Failure> {
    known(config, name)?;
    let key = new_key(randomness);
    change(file, |text| partners::with_key(text, name, &key))?;
    println!("Another key for {name} is written to {}.", file.display());
    println!(
        "Next:\n\
         1. Give it to whoever runs {name}, so that nobody else sees it. It is not shown again.\n\
         \x20      {key}\n\
         2. When the platform takes it (it may take both for a while), restart tradepost.\n\
         Accounts that are registered go on: what the platform sends is signed with other secrets.",
        key = *key,
    );
    Ok(())
}

fn revoke(config: &Config, file: &Path, name: &str) -> Result<(), Failure> {
    known(config, name)?;
    change(file, |text| partners::without(text, name))?;
    println!("The platform {name} and its key are taken out of {}.", file.display());
    println!("Next: restart tradepost. From then on it asks {name} nothing and takes nothing from it.");
    Ok(())
}

fn known(config: &Config, name: &str) -> Result<(), Failure> {
    if config.platforms.partners.0.contains_key(name) {
        return Ok(());
    }
    Err(Failure::said(ExitStatus::Config, format_args!("there is no platform {name}"), SEE_LIST))
}

/// Writes what `edit` makes of the configuration, if it can be used.
fn change(file: &Path, edit: impl FnOnce(&str) -> Option<String>) -> Result<(), Failure> {
    let failure = |error: anyhow::Error| {
        let error = error.context(format!("{} cannot be changed", file.display()));
        Failure::new(ExitStatus::Config, error, "let the user who runs this command write it and its directory")
    };
    let text = std::fs::read_to_string(file).map_err(|error| failure(error.into()))?;
    let text = edit(&text).ok_or_else(|| failure(anyhow::anyhow!("platforms.partners is no section of it")))?;
    Config::check(&text, file, &environment).map_err(config_failure)?;
    files::replace(file, &text).map_err(|error| failure(error.into()))
}

/// 256 bits nobody can foresee.
fn new_key(randomness: &dyn Randomness) -> Zeroizing<String> {
    let bytes: Zeroizing<Vec<u8>> = Zeroizing::new((0..4).flat_map(|_| randomness.next().to_be_bytes()).collect());
    Zeroizing::new(format!("whsec_{}", BASE64_STANDARD.encode(&*bytes)))
}
