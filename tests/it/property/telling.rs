//! Stories and what came of them in lines that a person can read: what a failing case prints.

use super::story::AccountPlan;
use super::story::Choice;
use super::story::ContactPlan;
use super::story::Cost;
use super::story::Happening;
use super::story::Range;
use super::story::Round;
use super::story::Setup;
use super::story::Sharing;
use super::story::Story;
use super::story::Thing;
use super::story::What;
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::fmt::Display;
use std::fmt::Formatter;
use std::fmt::Result;
use tradepost::domain::sharer::Consent;

/// What is on one side alone; empty where both are the same.
pub(super) fn difference(expected: &[String], seen: &[String]) -> String {
    let mut count: BTreeMap<&String, i32> = BTreeMap::new();
    for line in seen {
        *count.entry(line).or_default() += 1;
    }
    for line in expected {
        *count.entry(line).or_default() -= 1;
    }
    let told = count.into_iter().filter(|(_, count)| *count != 0).map(|(line, count)| match count {
        1.. => format!("too many ({count}): {line}\n"),
        _ => format!("missing ({}): {line}\n", -count),
    });
    told.collect()
}

impl Debug for Story {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        for sharing in &self.sharers {
            writeln!(out)?;
            sharing.fmt(out)?;
        }
        for (number, round) in self.rounds.iter().enumerate() {
            write!(out, "\nround {number}")?;
            round.fmt(out)?;
        }
        writeln!(out)
    }
}

impl Debug for Sharing {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}{}, own categories {}; for all: {:?}", self.name, marked(self.paused, "paused"), list(&self.own), self.settings)?;
        for account in &self.accounts {
            write!(out, "\n  at {account:?}")?;
        }
        for contact in &self.contacts {
            write!(out, "\n  to {contact:?}")?;
        }
        Ok(())
    }
}

impl Debug for AccountPlan {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let (paused, baseline) = (marked(self.paused, "paused"), marked(self.takes_baseline, "takes its baseline"));
        write!(out, "{}: {}{paused}{baseline}", self.shop, list(&self.kinds))
    }
}

impl Debug for ContactPlan {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}{}: {:?}", self.person, marked(self.is_second_room, "second room"), self.state)?;
        if self.consent != Consent::NotNeeded {
            write!(out, ", consent {:?}", self.consent)?;
        }
        match self.mute {
            Choice::Unset => {}
            Choice::All => write!(out, ", muted")?,
            Choice::Only(round) => write!(out, ", muted before round {round}")?,
        }
        if let Some(only) = &self.only {
            write!(out, ", wants only {}", list(only))?;
        }
        write!(out, "; {:?}", self.settings)
    }
}

impl Debug for Setup {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let hours = |(from, until): &(i8, i8)| format!("{from}-{until}");
        let set = [
            chosen("shops", &self.shops, |shops| list(shops)),
            chosen("categories", &self.categories, |names| list(names)),
            self.kinds.as_ref().map(|kinds| format!("kinds {}", list(kinds))),
            self.outputs.as_ref().map(|outputs| format!("output {}", list(outputs))),
            self.digest_hour.map(|hour| format!("digest {hour}")),
            chosen("quiet", &self.quiet, hours),
            chosen("price", &self.price, |range| format!("{range:?}")),
            self.in_shanghai.map(|is_there| format!("timezone {}", if is_there { "Shanghai" } else { "UTC" })),
            self.popup_seconds.map(|seconds| format!("popup {seconds} s")),
        ];
        let set: Vec<String> = set.into_iter().flatten().collect();
        write!(out, "{}", if set.is_empty() { "nothing set".to_owned() } else { set.join("; ") })
    }
}

impl Debug for Range {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let bound = |sign, bound: Option<i64>| bound.map(|bound| format!("{sign} {bound} ")).unwrap_or_default();
        write!(out, "{}{}{}", bound(">=", self.from), bound("<", self.below), currency(self.is_euro))
    }
}

impl Debug for Cost {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{} {}", self.amount, currency(self.is_euro))
    }
}

impl Debug for Round {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        for (sharer, contact, changed) in &self.changes {
            write!(out, "\n  sharer {sharer}'s contact {contact} becomes{changed:?}")?;
        }
        for happening in &self.happenings {
            write!(out, "\n  {happening:?}")?;
        }
        Ok(())
    }
}

impl Debug for Happening {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        write!(out, "{}: {:?}", self.shop, self.what)
    }
}

impl Debug for What {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        match self {
            Self::Lists { item, thing, link } => {
                let link = link.map(|link| format!(", link {link}")).unwrap_or_default();
                write!(out, "item {item} is listed: {thing:?}{link}")
            }
            Self::Costs { item, price } => write!(out, "item {item} costs {price:?}"),
            Self::IsGone { item } => write!(out, "item {item} is gone"),
            Self::IsBack { item } => write!(out, "item {item} is back"),
            Self::Sells(thing) => write!(out, "sale of {thing:?}"),
            Self::Buys(thing) => write!(out, "purchase of {thing:?}"),
        }
    }
}

impl Debug for Thing {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let shelves = [marked(self.electronics, "electronics"), marked(self.home_goods, "home goods")].concat();
        let price = self.price.map_or_else(|| "no price".to_owned(), |price| format!("{price:?}"));
        write!(out, "{}{shelves}, {price}", self.words.join(" "))
    }
}

fn chosen<T>(name: &str, choice: &Choice<T>, told: impl FnOnce(&T) -> String) -> Option<String> {
    match choice {
        Choice::Unset => None,
        Choice::All => Some(format!("{name} all")),
        Choice::Only(some) => Some(format!("{name} {}", told(some))),
    }
}

fn list<T: Display>(some: impl IntoIterator<Item = T>) -> String {
    let words: Vec<String> = some.into_iter().map(|one| one.to_string()).collect();
    format!("[{}]", words.join(", "))
}

fn marked(is_so: bool, word: &str) -> String {
    if is_so { format!(" ({word})") } else { String::new() }
}

fn currency(is_euro: bool) -> &'static str {
    if is_euro { "EUR" } else { "USD" }
}
