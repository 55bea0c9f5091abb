//! `tradepost config`: the commented example.

use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::files;
use crate::config::Config;
use std::io::ErrorKind;
use std::path::Path;

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

fn not_written(file: &Path, error: std::io::Error) -> Failure {
    let hint = match error.kind() {
        ErrorKind::AlreadyExists => "it is there already and stays as it is: name another file, or see the example with: tradepost config",
        _ => "name a file in a directory where you may write",
    };
    let error = anyhow::Error::new(error).context(format!("{} is not written", file.display()));
    Failure::new(ExitStatus::Config, error, hint)
}
