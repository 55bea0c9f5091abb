//! `tradepost check`: everything that can be checked without serving, one line each. It goes on as
//! far as it makes sense and ends with the status of the first thing that is wrong.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::registration::config_failure;
use crate::cli::run::database_hint;
use crate::config::Config;
use crate::registration::Mismatch;
use crate::registration::Registration;
use crate::store::Named;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::sled::SledStore;
use homeserver::Homeserver;
use listening::Listening;
use std::path::Path;

mod double_puppet;
mod encryption;
mod homeserver;
mod listening;
mod logins;
mod public_address;

/// What is well, in words, or what is wrong.
type Finding = Result<((), String), Failure>;

/// What was found so far.
#[derive(Default)]
struct Report {
    first: Option<ExitStatus>,
}

impl Report {
    /// Prints a finding: what is well, or what is wrong and what to do about it.
    fn note<T>(&mut self, finding: Result<(T, String), Failure>) -> Option<T> {
        match finding {
            Ok((value, line)) => {
                println!("✅ {line}");
                Some(value)
            }
            Err(failure) => {
                self.note_failure(&failure);
                None
            }
        }
    }

    fn note_failure(&mut self, failure: &Failure) {
        println!("❌ {:#}", failure.error);
        if !failure.hint.is_empty() {
            println!("   hint: {}", failure.hint);
        }
        self.first.get_or_insert(failure.status);
    }

    fn end(self) -> ExitStatus {
        self.first.unwrap_or(ExitStatus::Done)
    }
}

/// Prints what is no failure and still to be known.
fn warn(what: &str, hint: &str) {
    println!("⚠ {what}");
    println!("   hint: {hint}");
}

/// Checks, and prints what it finds.
pub(super) async fn check(config_file: &Path, registration_file: &Path, double_puppet_file: &Path) -> ExitStatus {
    let mut report = Report::default();
    let Some(config) = report.note(configuration(config_file)) else {
        return report.end();
    };
    for finding in registration(&config, config_file, registration_file) {
        report.note(finding);
    }
    for finding in double_puppet::registration(&config, config_file, double_puppet_file) {
        report.note(finding);
    }
    let listening = report.note(listening::look(&config).await);
    let is_sealed = report.note(database(&config, matches!(listening, Some(Listening::Running))).await);
    for finding in encryption::files(&config, is_sealed.unwrap_or(false)) {
        report.note(finding);
    }
    let is_running = matches!(listening, Some(Listening::Running));
    if is_running {
        encryption::running(&mut report, &config).await;
    }
    report.note(public_address::examine(&config, is_running).await);
    examine_homeserver(&mut report, &config, listening).await;
    report.end()
}

async fn examine_homeserver(report: &mut Report, config: &Config, listening: Option<Listening>) {
    let homeserver = match Homeserver::new(config) {
        Ok(homeserver) => homeserver,
        Err(failure) => return report.note_failure(&failure),
    };
    if report.note(homeserver.versions().await).is_none() {
        return;
    }
    let Some(bot) = report.note(homeserver.whoami().await) else {
        return;
    };
    if let Some(listening) = listening {
        let answering = listening.answer_pings(&config.appservice.hs_token);
        report.note(homeserver.ping().await);
        answering.abort();
    }
    encryption::examine(report, &homeserver, bot).await;
    double_puppet::examine(report, &homeserver).await;
    logins::examine(report, &homeserver).await;
}

fn configuration(file: &Path) -> Result<(Config, String), Failure> {
    let config = Config::load(file, &environment).map_err(config_failure)?;
    let line = format!("the configuration {} is complete", file.display());
    Ok((config, line))
}

fn registration(config: &Config, config_file: &Path, file: &Path) -> Vec<Finding> {
    let command = format!("tradepost registration -c {} -r {}", config_file.display(), file.display());
    compare(file, &command, |registration| registration.mismatches(config))
}

/// Whether a registration fits the configuration, and if not, in what; `command` makes it.
fn compare(file: &Path, command: &str, mismatches: impl Fn(&Registration) -> Vec<Mismatch>) -> Vec<Finding> {
    let hint = format!("make it with: {command}; then restart the homeserver");
    let failure = |status, error: anyhow::Error| {
        let error = error.context(format!("the registration {} cannot be used", file.display()));
        Failure::new(status, error, hint.as_str())
    };
    let read = std::fs::read_to_string(file).map_err(anyhow::Error::new);
    let registration = match read.and_then(|text| Registration::parse(&text).map_err(anyhow::Error::new)) {
        Ok(registration) => registration,
        Err(error) => return vec![Err(failure(ExitStatus::Registration, error))],
    };
    let mismatches = mismatches(&registration);
    if mismatches.is_empty() {
        let line = format!("the registration {} fits the configuration", file.display());
        return vec![Ok(((), line))];
    }
    let told = |mismatch: Mismatch| {
        let status = match mismatch {
            Mismatch::NotOurs(_) => ExitStatus::Namespace,
            Mismatch::Differs { .. } | Mismatch::LeftOut(_) | Mismatch::Exclusive(_) => ExitStatus::Registration,
        };
        Err(failure(status, mismatch.into()))
    };
    mismatches.into_iter().map(told).collect()
}

/// Opens the database, or makes it where there is none; answers whether something sealed is known to
/// be in it. That the tradepost that runs has it is well.
async fn database(config: &Config, is_running: bool) -> Result<(bool, String), Failure> {
    let path = config.database.path.display();
    let error = match look_into_database(config).await {
        Ok(is_sealed) => return Ok((is_sealed, format!("the database {path} can be opened"))),
        Err(StoreError::InUse { .. }) if is_running => return Ok((false, format!("the database {path} is in use by that tradepost"))),
        Err(error) => error,
    };
    let hint = database_hint(&error);
    let error = anyhow::Error::new(error).context(format!("the database {path} cannot be opened"));
    Err(Failure::new(ExitStatus::Database, error, hint))
}

async fn look_into_database(config: &Config) -> Result<bool, StoreError> {
    let store = SledStore::open(&config.database.path)?;
    Ok(store.named(&Named::BotIdentity).await?.is_some())
}
