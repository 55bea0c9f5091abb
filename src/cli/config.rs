//! `tradepost config`: the commented example, and an older file brought up to date.

use crate::cli::environment;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::files;
use crate::config::Config;
use crate::config::upgrade::Upgraded;
use crate::config::upgrade::upgraded;
use std::io::ErrorKind;
use std::path::Path;
use std::path::PathBuf;

/// Writes the example to `file`, which must not be there, or prints it.
pub(super) fn write(file: Option<&Path>) -> Result<(), Failure> {
    let Some(file) = file else {
        print!("{}", Config::example());
        return Ok(());
    };
    files::create(file, &Config::example()).map_err(|error| not_written(file, error))?;
    println!("{} is written.", file.display());
    println!("Next: say in it where your homeserver is and who may share, then run");
    println!("  tradepost registration -c {}", file.display());
    Ok(())
}

/// Brings `file` up to date, and keeps it as it was beside it; or prints what would be written.
pub(super) fn upgrade(file: &Path, dry_run: bool) -> Result<(), Failure> {
    let unreadable = |error| failure(file, "cannot be read", error, "name the configuration with -c");
    let old = std::fs::read_to_string(file).map_err(unreadable)?;
    let no_toml = "mend the line that is named, and run this again; nothing has been changed";
    // Only where it is wrong: the line itself may hold a secret.
    let upgraded = upgraded(&old).map_err(|error| {
        let line = error.span().and_then(|span| old.get(..span.start)).map_or(1, |before| before.matches('\n').count() + 1);
        failure(file, "is no TOML", std::io::Error::other(format!("see line {line}")), no_toml)
    })?;
    let Upgraded { text, .. } = &upgraded;
    if dry_run {
        print!("{text}");
        return Ok(());
    }
    if *text == old {
        println!("{} is up to date.", file.display());
        return Ok(());
    }
    let kept = beside(file);
    files::replace(&kept, &old).map_err(|error| failure(&kept, "is not written", error, "nothing has been changed"))?;
    files::replace(file, text).map_err(|error| failure(file, "is not written", error, "nothing has been changed"))?;
    tell(file, &kept, &upgraded);
    if let Err(error) = Config::check(text, file, &environment) {
        println!("It cannot be used yet:\n{error}");
    }
    Ok(())
}

fn tell(file: &Path, kept: &Path, upgraded: &Upgraded) {
    println!("{} is up to date: {} values were carried over. As it was, it is {}.", file.display(), upgraded.carried.len(), kept.display());
    for (old, new) in &upgraded.renamed {
        println!("  {old} is called {new} now");
    }
    for key in &upgraded.unknown {
        println!("  {key} is not known any more: it stands at the end, as a comment");
    }
}

/// Where the file stays as it was.
fn beside(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".old");
    name.into()
}

fn failure(file: &Path, what: &str, error: std::io::Error, hint: &'static str) -> Failure {
    Failure::new(ExitStatus::Config, anyhow::Error::new(error).context(format!("{} {what}", file.display())), hint)
}

fn not_written(file: &Path, error: std::io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::AlreadyExists => "it is there already and stays as it is: name another file, or see the example with: tradepost config",
        _ => "name a file in a directory where you may write",
    };
    let error = anyhow::Error::new(error).context(format!("{} is not written", file.display()));
    Failure::new(ExitStatus::Config, error, hint)
}
