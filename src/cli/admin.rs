//! `tradepost admin`: how it stands, who shares, what fails, and what to do with what could not be delivered.

use crate::admin::Answer;
use crate::admin::CopyDatabase;
use crate::admin::DeliveryLine;
use crate::admin::FailingLine;
use crate::admin::Request;
use crate::admin::SharerLine;
use crate::admin::Status;
use crate::admin::Which;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::cli::service::ask;
use crate::cli::table::table;
use crate::domain::ids::DeliveryId;
use crate::domain::ids::RoomId;
use crate::domain::ids::UserId;
use clap::Subcommand;
use jiff::Timestamp;
use serde::Serialize;
use std::path::Path;

#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Command {
    /// How the service stands, and how much there is of everything
    Status,
    /// Who shares: accounts, contacts, state, and what waits for them
    Sharers,
    /// The accounts that fail: since when, why, and when they are tried next
    Failing,
    /// The deliveries that were given up, and why
    Buried,
    /// The deliveries that wait, or those for one room
    Waiting {
        /// The room's id
        room: Option<String>,
    },
    /// Lets a delivery that was given up wait again, or all of them
    Retry {
        /// Its number, or "all"
        #[arg(value_parser = which)]
        which: Which,
    },
    /// Gives up a delivery that waits and holds up those behind it
    Bury {
        /// Its number
        id: u64,
    },
    /// Keeps somebody from sharing; what she set stays
    Disable {
        /// Her whole user id
        #[arg(value_parser = user)]
        user: UserId,
    },
    /// Lets somebody share again
    Enable {
        /// Her whole user id
        #[arg(value_parser = user)]
        user: UserId,
    },
    /// Forgets a delivery that was given up
    Forget {
        /// Its number
        id: u64,
    },
}

fn which(text: &str) -> Result<Which, String> {
    match text {
        "all" => Ok(Which::All),
        number => number.parse().map(|id| Which::One(DeliveryId(id))).map_err(|_| "must be a number or \"all\"".to_owned()),
    }
}

fn user(text: &str) -> Result<UserId, String> {
    let user = UserId::new(text);
    let is_whole = text.starts_with('@') && !user.localpart().is_empty() && !user.server().is_empty();
    if is_whole { Ok(user) } else { Err("must be a whole user id like @joy:example.org".to_owned()) }
}

impl From<Command> for Request {
    fn from(command: Command) -> Self {
        match command {
            Command::Status => Self::Status,
            Command::Sharers => Self::Sharers,
            Command::Failing => Self::Failing,
            Command::Buried => Self::Buried,
            Command::Waiting { room } => Self::Waiting { room: room.map(RoomId::new) },
            Command::Retry { which } => Self::Retry { which },
            Command::Bury { id } => Self::Bury { id: DeliveryId(id) },
            Command::Disable { user } => Self::Disable { user },
            Command::Enable { user } => Self::Enable { user },
            Command::Forget { id } => Self::Forget { id: DeliveryId(id) },
        }
    }
}

/// Asks, and prints the answer.
pub(super) async fn run(command: Command, json: bool, config: &Path, copy: CopyDatabase) -> Result<(), Failure> {
    let answer = ask(config, copy, command.into()).await?;
    let text = match answer {
        Answer::Status(status) => shown(json, &status, status_text)?,
        Answer::Sharers(lines) => shown(json, &lines, |lines| sharers(lines))?,
        Answer::Failing(lines) => shown(json, &lines, |lines| failing(lines))?,
        Answer::Deliveries(lines) => shown(json, &lines, |lines| deliveries(lines))?,
        Answer::Done(said) => shown(json, &said, |said| format!("{said}\n"))?,
        other @ (Answer::Exported { .. } | Answer::BackedUp(_)) => shown(true, &other, |_| String::new())?,
    };
    print!("{text}");
    Ok(())
}

/// A value for people, or as JSON.
pub(super) fn shown<T: Serialize>(json: bool, value: &T, text: impl FnOnce(&T) -> String) -> Result<String, Failure> {
    if !json {
        return Ok(text(value));
    }
    let text = serde_json::to_string_pretty(value).map_err(|error| Failure::new(ExitStatus::Other, error, ""))?;
    Ok(format!("{text}\n"))
}

fn status_text(status: &Status) -> String {
    let mut rows = vec![row(["tradepost", &status.version])];
    match &status.running {
        Some(running) => {
            rows.push(row(["running", &format!("since {}, for {} minutes", time(Some(running.since)), running.seconds / 60)]));
            rows.push(row(["homeserver", if running.ready { "answered" } else { "has not answered yet" }]));
            rows.push(row(["encryption", &running.encryption]));
        }
        None => rows.push(row(["running", "no; this is read from the database"])),
    }
    let counts = [
        ("sharers", status.sharers),
        ("sources that are polled", status.sources),
        ("deliveries that wait", status.waiting),
        ("deliveries given up", status.buried),
        ("events that wait", status.events),
        ("messages whose key is awaited", status.parked),
        ("bytes on disk", status.disk_bytes),
    ];
    rows.extend(counts.map(|(name, count)| row([name, &count.to_string()])));
    table(&["WHAT", "HOW"], &rows)
}

fn sharers(lines: &[SharerLine]) -> String {
    let rows = lines.iter().map(|line| {
        let accounts = line.accounts.iter().map(|account| {
            let paused = if account.paused { ", paused" } else { "" };
            format!("{} {} ({}{paused})", account.number, account.label, account.platform)
        });
        let name = if line.in_own_name { ", in her own name" } else { "" };
        row([
            line.user.as_str(),
            &format!("{}{name}", line.state),
            &format!("{} of {}", line.contacts_on, line.contacts),
            &line.waiting.to_string(),
            &accounts.collect::<Vec<_>>().join("; "),
        ])
    });
    table(&["USER", "STATE", "CONTACTS ON", "WAITING", "ACCOUNTS"], &rows.collect::<Vec<_>>())
}

fn failing(lines: &[FailingLine]) -> String {
    let rows = lines.iter().map(|line| {
        row([
            line.user.as_str(),
            &format!("{} {} ({})", line.number, line.label, line.platform),
            &line.trouble,
            &time(line.since),
            &line.attempts.to_string(),
            &line.next_at.map_or_else(|| "when she acts".to_owned(), |at| time(Some(at))),
        ])
    });
    table(&["USER", "ACCOUNT", "TROUBLE", "SINCE", "TRIES", "NEXT"], &rows.collect::<Vec<_>>())
}

fn deliveries(lines: &[DeliveryLine]) -> String {
    let rows = lines.iter().map(|line| {
        let target = line.room.as_ref().map(RoomId::as_str).or(line.person.as_ref().map(UserId::as_str));
        row([
            &line.id.0.to_string(),
            target.unwrap_or_default(),
            &line.kind,
            line.sharer.as_ref().map_or("", |sharer| sharer.as_str()),
            &time(Some(line.since)),
            &line.attempts.to_string(),
            &time(line.next_at),
            line.reason.as_ref().map_or("", |reason| reason.as_str()),
        ])
    });
    table(&["ID", "TO", "WHAT", "OF", "SINCE", "TRIES", "NEXT", "REASON"], &rows.collect::<Vec<_>>())
}

fn row<const COLUMNS: usize>(cells: [&str; COLUMNS]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

/// A time, to the second, in UTC.
pub(super) fn time(at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| at.strftime("%Y-%m-%d %H:%M:%SZ").to_string())
}
