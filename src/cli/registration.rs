//! `tradepost registration`: makes the tokens, once, and writes the registration for the homeserver.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::files;
use crate::clock::Randomness;
use crate::config::Config;
use crate::config::ConfigError;
use crate::config::tokens;
use crate::registration::Registration;
use crate::values::Secret;
use std::path::Path;
use std::path::PathBuf;

/// Prints the example.
pub(super) fn print_example() -> Result<(), Failure> {
    print!("{}", Registration::example().ok_or_else(no_example)?.to_yaml());
    Ok(())
}

/// Prints the example of the second one.
pub(super) fn print_double_puppet_example() -> Result<(), Failure> {
    print!("{}", Registration::double_puppet_example().ok_or_else(no_example)?.to_double_puppet_yaml());
    Ok(())
}

fn no_example() -> Failure {
    Failure::said(ExitStatus::Other, "the example configuration is broken", "")
}

/// Makes what tokens are missing, writes them into the configuration, and the registration with them.
pub(super) fn write(config_file: &Path, registration_file: &Path, randomness: &dyn Randomness) -> Result<(), Failure> {
    let mut config = Config::load_unregistered(config_file, &environment).map_err(config_failure)?;
    let service = &mut config.appservice;
    let tokens = [("as_token", &mut service.as_token), ("hs_token", &mut service.hs_token)];
    let is_new = make_missing(tokens, config_file, "appservice", randomness)?;
    write_registration(registration_file, &Registration::of(&config).to_yaml())?;
    tell_what_is_next(config_file, registration_file, is_new);
    Ok(())
}

/// The same for the second registration, by which people share in their own name.
pub(super) fn write_double_puppet(config_file: &Path, registration_file: &Path, randomness: &dyn Randomness) -> Result<(), Failure> {
    let mut config = Config::load_unregistered(config_file, &environment).map_err(config_failure)?;
    let tokens = [("as_token", &mut config.double_puppet.as_token)];
    let is_new = make_missing(tokens, config_file, "double_puppet", randomness)?;
    write_registration(registration_file, &Registration::double_puppet(&config).to_double_puppet_yaml())?;
    tell_what_is_next_for_double_puppet(&config, config_file, registration_file, is_new);
    Ok(())
}

fn write_registration(file: &Path, yaml: &str) -> Result<(), Failure> {
    files::replace(file, yaml).map_err(|error| {
        let error = anyhow::Error::new(error).context(format!("{} is not written", file.display()));
        Failure::new(ExitStatus::Registration, error, "name with -r a file in a directory where you may write")
    })
}

/// Makes the tokens that are missing and writes them into this section of the configuration; says
/// whether there were any.
fn make_missing<const COUNT: usize>(
    tokens: [(&'static str, &mut Secret); COUNT],
    config_file: &Path,
    section: &str,
    randomness: &dyn Randomness,
) -> Result<bool, Failure> {
    let mut made = Vec::new();
    for (key, token) in tokens {
        if !token.is_made() {
            *token = new_token(randomness);
            made.push((key, token.clone()));
        }
    }
    if !made.is_empty() {
        write_tokens(config_file, section, &made)?;
    }
    Ok(!made.is_empty())
}

/// 256 bits nobody can foresee.
fn new_token(randomness: &dyn Randomness) -> Secret {
    let words: Vec<String> = (0..4).map(|_| format!("{:016x}", randomness.next())).collect();
    Secret::new(words.concat())
}

fn write_tokens(config_file: &Path, section: &str, made: &[(&str, Secret)]) -> Result<(), Failure> {
    let failure = |error: anyhow::Error| {
        let error = error.context(format!("the tokens cannot be written into {}", config_file.display()));
        Failure::new(ExitStatus::Config, error, "let the user who runs this command write it and its directory")
    };
    let text = std::fs::read_to_string(config_file).map_err(|error| failure(error.into()))?;
    let tokens: Vec<(&str, &str)> = made.iter().map(|(key, token)| (*key, token.expose())).collect();
    let text = tokens::written_into(&text, section, &tokens).ok_or_else(|| failure(anyhow::anyhow!("it has no section {section}")))?;
    files::replace(config_file, &text).map_err(|error| failure(error.into()))
}

fn tell_what_is_next(config_file: &Path, registration_file: &Path, is_new: bool) {
    let config = config_file.display();
    let shown = registration_file.display();
    tell_what_is_written(config_file, registration_file, is_new);
    println!(
        "Next:\n\
         1. Let the user that runs the homeserver read {shown}, which holds secrets.\n\
         2. Name it in homeserver.yaml:\n\
         \x20      app_service_config_files:\n\
         \x20        - {path}\n\
         3. Restart the homeserver.\n\
         4. See whether all is well:\n\
         \x20      tradepost check -c {config} -r {shown}",
        path = whole(registration_file).display()
    );
}

fn tell_what_is_next_for_double_puppet(config: &Config, config_file: &Path, registration_file: &Path, is_new: bool) {
    let shown = registration_file.display();
    tell_what_is_written(config_file, registration_file, is_new);
    let allow = if config.double_puppet.allow.is_nobody() {
        "Say in double_puppet.allow who may share in their own name, and restart tradepost."
    } else {
        "Restart tradepost."
    };
    println!(
        "Next:\n\
         1. Let the user that runs the homeserver read {shown}, and nobody else:\n\
         \x20  whoever knows its token can act as any user of {domain}.\n\
         2. Name it in homeserver.yaml, below the first registration:\n\
         \x20      app_service_config_files:\n\
         \x20        - {path}\n\
         3. Restart the homeserver.\n\
         4. {allow}\n\
         5. See whether all is well:\n\
         \x20      tradepost check -c {config} --double-puppet {shown}",
        domain = config.homeserver.domain,
        path = whole(registration_file).display(),
        config = config_file.display(),
    );
}

fn tell_what_is_written(config_file: &Path, registration_file: &Path, is_new: bool) {
    let (config, shown) = (config_file.display(), registration_file.display());
    if is_new {
        println!("New tokens are written to {config} and {shown}.");
    } else {
        println!("{shown} is written, with the tokens that {config} has.");
    }
}

/// The file from the root on, as the homeserver needs it.
fn whole(file: &Path) -> PathBuf {
    file.canonicalize().unwrap_or_else(|_| file.to_owned())
}

/// How a configuration that cannot be used ends the program.
pub(super) fn config_failure(error: ConfigError) -> Failure {
    let hint = error.hint();
    Failure::new(ExitStatus::Config, error, hint)
}
