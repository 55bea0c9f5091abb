//! `tradepost registration`: makes the tokens, once, and writes the registration for the homeserver.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::files;
use crate::clock::Randomness;
use crate::config::Config;
use crate::config::ConfigError;
use crate::config::tokens;
use crate::config::values::Secret;
use crate::registration::Registration;
use std::path::Path;

/// Prints the example.
pub(super) fn print_example() -> Result<(), Failure> {
    let example = Registration::example().ok_or_else(|| Failure::said(ExitStatus::Other, "the example configuration is broken", ""))?;
    print!("{}", example.to_yaml());
    Ok(())
}

/// Makes what tokens are missing, writes them into the configuration, and the registration with them.
pub(super) fn write(config_file: &Path, registration_file: &Path, randomness: &dyn Randomness) -> Result<(), Failure> {
    let mut config = Config::load_unregistered(config_file, &environment).map_err(config_failure)?;
    let made = make_missing(&mut config, randomness);
    if !made.is_empty() {
        write_tokens(config_file, &made)?;
    }
    files::replace(registration_file, &Registration::of(&config).to_yaml()).map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("{} is not written", registration_file.display()));
        Failure::new(ExitStatus::Registration, error, "name with -r a file in a directory where you may write")
    })?;
    tell_what_is_next(config_file, registration_file, !made.is_empty());
    Ok(())
}

/// The keys and tokens that were missing.
fn make_missing(config: &mut Config, randomness: &dyn Randomness) -> Vec<(&'static str, Secret)> {
    let service = &mut config.appservice;
    let mut made = Vec::new();
    for (key, token) in [("as_token", &mut service.as_token), ("hs_token", &mut service.hs_token)] {
        if !token.is_made() {
            *token = new_token(randomness);
            made.push((key, token.clone()));
        }
    }
    made
}

/// 256 bits nobody can foresee.
fn new_token(randomness: &dyn Randomness) -> Secret {
    let words: Vec<String> = (0..4).map(|_| format!("{:016x}", randomness.next())).collect();
    Secret::new(words.concat())
}

fn write_tokens(config_file: &Path, made: &[(&str, Secret)]) -> Result<(), Failure> {
    let failure = |error: anyhow::Error| {
        let error = error.context(format!("the tokens cannot be written into {}", config_file.display()));
        Failure::new(ExitStatus::Config, error, "let the user who runs this command write it and its directory")
    };
    let text = std::fs::read_to_string(config_file).map_err(|error| failure(error.into()))?;
    let tokens: Vec<(&str, &str)> = made.iter().map(|(key, token)| (*key, token.expose())).collect();
    let text =
        tokens::written_into(&text, "appservice", &tokens).ok_or_else(|| failure(anyhow::anyhow!("it has no section appservice")))?;
    files::replace(config_file, &text).map_err(|error| failure(error.into()))
}

fn tell_what_is_next(config_file: &Path, registration_file: &Path, is_new: bool) {
    let config = config_file.display();
    let shown = registration_file.display();
    let whole = registration_file.canonicalize();
    let path = whole.as_deref().unwrap_or(registration_file).display();
    if is_new {
        println!("New tokens are written to {config} and {shown}.");
    } else {
        println!("{shown} is written, with the tokens that {config} has.");
    }
    println!(
        "Next:\n\
         1. Let the user that runs the homeserver read {shown}, which holds secrets.\n\
         2. Name it in homeserver.yaml:\n\
         \x20      app_service_config_files:\n\
         \x20        - {path}\n\
         3. Restart the homeserver.\n\
         4. See whether all is well:\n\
         \x20      tradepost check -c {config} -r {shown}"
    );
}

/// How a configuration that cannot be used ends the program.
pub(super) fn config_failure(error: ConfigError) -> Failure {
    let hint = error.hint();
    Failure::new(ExitStatus::Config, error, hint)
}
