//! The command line: what can be typed, and how an end is told. What the commands do is in one file each.

use crate::admin::CopyDatabase;
use crate::clock::SystemRandomness;
use crate::matrix::crypto::OpenKeys;
use crate::matrix::crypto::ResealKeys;
use clap::CommandFactory;
use clap::Parser;
use clap::Subcommand;
use clap::error::ErrorKind;
use exit::ExitStatus;
use exit::Failure;
use std::path::Path;
use std::path::PathBuf;

mod admin;
mod backup;
mod check;
mod config;
pub mod exit;
mod export;
mod files;
mod key;
mod memory;
mod platform;
mod registration;
mod retire;
mod run;
mod service;
mod table;

/// Where the configuration is, if nothing else is said.
const CONFIG: &str = "config.toml";
/// Where the registration is, if nothing else is said.
const REGISTRATION: &str = "registration.yaml";
/// Where the second registration is, if nothing else is said.
const DOUBLE_PUPPET: &str = "double-puppet.yaml";

/// Posts what people trade on shops and platforms into the direct Matrix rooms of the friends they choose.
#[derive(Debug, Parser)]
#[command(name = "tradepost", disable_version_flag = true, after_long_help = exit::listing())]
struct CommandLine {
    /// The configuration [default: config.toml]
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The registration [default: registration.yaml; double-puppet.yaml for `registration --double-puppet`]
    #[arg(short, long, global = true, value_name = "FILE")]
    registration: Option<PathBuf>,
    /// Short for `registration`
    #[arg(short = 'g', long, conflicts_with_all = ["example_config", "version"])]
    generate_registration: bool,
    /// Short for `config`
    #[arg(short = 'e', long, conflicts_with = "version")]
    example_config: bool,
    /// Short for `version`
    #[arg(short = 'v', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
enum Command {
    /// Serves, until it is told to stop; what is done if no command is given
    Run,
    /// Checks everything that can be checked without serving, and the homeserver too
    Check {
        /// The registration for sharing in one's own name, looked at where that is allowed
        #[arg(long, value_name = "FILE", default_value = DOUBLE_PUPPET)]
        double_puppet: PathBuf,
    },
    /// Makes the tokens, once, and writes the registration for the homeserver
    Registration {
        /// Print the example instead
        #[arg(long)]
        example: bool,
        /// The second registration, by which people can share in their own name
        #[arg(long)]
        double_puppet: bool,
    },
    /// The key that seals secrets and the devices' keys
    Key {
        #[command(subcommand)]
        command: key::Command,
    },
    /// The platforms that send trades by tradepost's own interface, and their keys
    Platform {
        #[command(subcommand)]
        command: platform::Command,
    },
    /// What the operator wants to know and do, of the running service or of its database
    Admin {
        /// Print JSON, for scripts
        #[arg(long, global = true)]
        json: bool,
        #[command(subcommand)]
        command: admin::Command,
    },
    /// Writes the whole database into a new file
    Export {
        /// The file
        file: PathBuf,
    },
    /// Makes the database from a file that `export` wrote, where none is
    Import {
        /// The file
        file: PathBuf,
    },
    /// Writes all that is needed to begin again elsewhere into a new directory, also while tradepost runs
    Backup {
        /// The directory
        directory: PathBuf,
        /// Leave the key file out: it must then be kept elsewhere
        #[arg(long)]
        without_key: bool,
    },
    /// Restores a backup, where nothing is
    Restore {
        /// The directory that `backup` made
        directory: PathBuf,
    },
    /// Takes away what tradepost left at shops and at the homeserver, and says what is left to remove;
    /// while the service is stopped
    Retire {
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
        /// The registration for sharing in one's own name
        #[arg(long, value_name = "FILE", default_value = DOUBLE_PUPPET)]
        double_puppet: PathBuf,
    },
    /// Writes a commented configuration to the file named by -c, or prints it
    Config {
        /// Bring the file up to date instead: today's comments and keys, with its values. The old one stays beside it
        #[arg(long)]
        upgrade: bool,
        /// With --upgrade: print what would be written
        #[arg(long, requires = "upgrade")]
        dry_run: bool,
    },
    /// Prints the version
    Version,
}

impl CommandLine {
    /// The command, however it was typed; none where it was typed in two ways.
    fn command(&self) -> Option<Command> {
        let short = match self {
            Self { generate_registration: true, .. } => Some(Command::Registration { example: false, double_puppet: false }),
            Self { example_config: true, .. } => Some(Command::Config { upgrade: false, dry_run: false }),
            Self { version: true, .. } => Some(Command::Version),
            _ => None,
        };
        match (short, self.command.clone()) {
            (Some(_), Some(_)) => None,
            (short, long) => Some(short.or(long).unwrap_or(Command::Run)),
        }
    }
}

/// What can be done with the databases of keys.
#[derive(Clone, Copy)]
pub struct Databases {
    /// Opens one.
    pub open: OpenKeys,
    /// Copies one.
    pub copy: CopyDatabase,
    /// Seals one with another key.
    pub reseal: ResealKeys,
}

/// Does what the command line says; tells on standard error why it could not, and what to do.
pub async fn main(databases: Databases) -> ExitStatus {
    memory::keep_out_of_dumps();
    let line = CommandLine::parse();
    let Some(command) = line.command() else {
        let message = "-g, -e and -v are short for a command: give one of them or a command";
        CommandLine::command_definition().error(ErrorKind::ArgumentConflict, message).exit()
    };
    let config = line.config.as_deref().unwrap_or_else(|| Path::new(CONFIG));
    let registration = |standard| line.registration.as_deref().unwrap_or_else(|| Path::new(standard));
    let outcome = match command {
        Command::Run => Box::pin(run::run(config, databases)).await,
        Command::Check { double_puppet } => return check::check(config, registration(REGISTRATION), &double_puppet).await,
        Command::Registration { example: true, double_puppet: false } => registration::print_example(),
        Command::Registration { example: true, double_puppet: true } => registration::print_double_puppet_example(),
        Command::Registration { double_puppet: false, .. } => registration::write(config, registration(REGISTRATION), &SystemRandomness),
        Command::Registration { double_puppet: true, .. } => {
            registration::write_double_puppet(config, registration(DOUBLE_PUPPET), &SystemRandomness)
        }
        Command::Key { command } => Box::pin(key::run(command, config, databases.reseal)).await,
        Command::Platform { command } => platform::run(command, config, &SystemRandomness),
        Command::Config { upgrade: false, .. } => config::write(line.config.as_deref()),
        Command::Config { upgrade: true, dry_run } => config::upgrade(config, dry_run),
        Command::Admin { json, command } => admin::run(command, json, config, databases.copy).await,
        Command::Export { file } => export::export(&file, config, databases.copy).await,
        Command::Import { file } => export::import(&file, config).await,
        Command::Restore { directory } => backup::restore(&directory, config).await,
        Command::Retire { dry_run, double_puppet } => {
            let registrations = retire::Registrations { first: registration(REGISTRATION), second: &double_puppet };
            Box::pin(retire::retire(dry_run, config, registrations)).await
        }
        Command::Backup { directory, without_key } => backup::backup(&directory, !without_key, config, databases.copy).await,
        Command::Version => {
            println!("tradepost {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    };
    outcome.map_or_else(|failure: Failure| failure.tell(), |()| ExitStatus::Done)
}

impl CommandLine {
    fn command_definition() -> clap::Command {
        <Self as CommandFactory>::command()
    }
}

/// A variable of the environment.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::Command;
    use super::CommandLine;
    use clap::Parser;

    fn command(words: &str) -> Option<Command> {
        CommandLine::try_parse_from(words.split(' ')).unwrap().command()
    }

    #[test]
    fn the_definition_is_consistent() {
        CommandLine::command_definition().debug_assert();
    }

    #[test]
    fn a_plain_start_runs() {
        assert_eq!(command("tradepost"), Some(Command::Run));
        assert_eq!(command("tradepost -c a.toml"), Some(Command::Run));
    }

    #[test]
    fn short_flags_stand_for_commands() {
        assert_eq!(command("tradepost -g -c a.toml -r b.yaml"), Some(Command::Registration { example: false, double_puppet: false }));
        assert_eq!(command("tradepost -e"), Some(Command::Config { upgrade: false, dry_run: false }));
        assert_eq!(command("tradepost config --upgrade"), Some(Command::Config { upgrade: true, dry_run: false }));
        assert_eq!(command("tradepost -v"), Some(Command::Version));
        assert_eq!(command("tradepost check -c a.toml"), Some(Command::Check { double_puppet: "double-puppet.yaml".into() }));
    }

    #[test]
    fn a_short_flag_beside_a_command_is_none() {
        assert_eq!(command("tradepost -g check"), None);
        CommandLine::try_parse_from(["tradepost", "-g", "-e"]).unwrap_err();
    }
}
