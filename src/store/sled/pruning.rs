//! A pass of pruning: each table is gone through in small steps, and what has not been needed for long
//! is forgotten. A step looks outside the writer for what is old, and the writer decides on each once
//! more, as it is then. What each table's rule is stands in `rules`.

use crate::domain::delivery::Delivery;
use crate::domain::delivery::What;
use crate::domain::ids::TradeId;
use crate::domain::sharer::Sharer;
use crate::domain::source::Item;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::domain::trade::id_of;
use crate::store::Pruned;
use crate::store::Result;
use crate::store::Retention;
use crate::store::sled::Core;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::codec::decode;
use crate::store::sled::deliveries::Stored;
use crate::store::sled::keys::Key;
use crate::store::sled::keys::Table;
use crate::store::sled::needed;
use crate::store::sled::needed::Needed;
use crate::store::sled::rules::Orphans;
use crate::store::sled::rules::Rules;
use crate::store::sled::rules::is_orphan;
use crate::store::sled::rules::is_said;
use crate::store::sled::settings::trade_key;
use crate::store::sled::tables::Tables;
use crate::store::sled::writer::Writer;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sled::IVec;
use std::collections::BTreeSet;
use std::sync::Arc;
use strum::IntoEnumIterator;

/// How many values a step looks at.
const AT_ONCE: usize = 100;

/// What is not a value of its own, so that it is not counted.
const NOT_COUNTED: [&str; 4] = ["index", "mark", "count of", "number of"];

/// A pass that is being made.
pub(super) struct Pass<'a> {
    core: &'a Core,
    writer: &'a Writer,
    rules: Arc<Rules>,
    pruned: Pruned,
}

/// What of a posting is read to know what it needs.
#[derive(Deserialize)]
struct Standing {
    #[serde(default)]
    shows: Vec<Named>,
}

/// Something that names a trade.
#[derive(Deserialize)]
struct Named {
    trade: TradeId,
}

impl<'a> Pass<'a> {
    pub(super) fn new(core: &'a Core, writer: &'a Writer, before: &Retention, orphans: &Orphans) -> Self {
        Self { core, writer, rules: Arc::new(Rules::new(*before, orphans.clone())), pruned: Pruned::default() }
    }

    /// Makes the pass; `orphans` are those of the last one, and of this one afterwards.
    pub(super) async fn run(mut self, orphans: &mut Orphans) -> Result<Pruned> {
        let begin = |_: &Memory, change: &mut Change<'_>| {
            change.then(|memory| memory.needed = Some(Needed::default()));
            Ok(())
        };
        self.writer.write(false, begin).await?;
        let done = self.all(orphans).await;
        self.core.memory().needed = None;
        done?;
        Ok(self.pruned)
    }

    /// What stands goes before what it shows, and what is known of an item before that a trade of it was
    /// taken back.
    async fn all(&mut self, orphans: &mut Orphans) -> Result<()> {
        self.sweep(Table::Buried).await?;
        self.need_what_waits().await?;
        for table in [Table::Room, Table::Sent, Table::Posting, Table::Remembered] {
            self.sweep(table).await?;
        }
        self.need_what_stands().await?;
        self.sweep(Table::Trade).await?;
        self.sweep(Table::Item).await?;
        self.note_what_is_known().await?;
        for table in [Table::Undone, Table::Once, Table::Seen, Table::Named] {
            self.sweep(table).await?;
        }
        self.note_orphans(orphans).await?;
        self.count().await
    }

    /// Goes through a table and forgets what may go.
    async fn sweep(&mut self, table: Table) -> Result<()> {
        let mut pages = Pages::of(&self.core.tables, table);
        while let Some(page) = pages.next().await? {
            let mut old = Vec::new();
            for (key, bytes) in page {
                if self.rules.may_go(&key, &bytes, &self.core.tables)? {
                    old.push(key);
                }
            }
            if old.is_empty() {
                continue;
            }
            let rules = Arc::clone(&self.rules);
            let forget = move |memory: &Memory, change: &mut Change<'_>| {
                let gone = old.iter().map(|key| rules.forget(key, memory, change));
                gone.collect::<Result<Vec<bool>>>()
            };
            let gone = self.writer.write(false, forget).await?;
            *self.pruned.removed.entry(table.kind()).or_default() += gone.into_iter().filter(|gone| *gone).count() as u64;
        }
        self.pruned.removed.retain(|_, count| *count > 0);
        Ok(())
    }

    /// Reads the values of a table, those that cannot be read left out.
    async fn read<T: DeserializeOwned>(&self, table: Table, mut each: impl FnMut(Key, T)) -> Result<()> {
        let mut pages = Pages::of(&self.core.tables, table);
        while let Some(page) = pages.next().await? {
            for (key, bytes) in page {
                if let Ok(value) = decode(&key, &bytes) {
                    each(key, value);
                }
            }
        }
        Ok(())
    }

    async fn need_what_waits(&mut self) -> Result<()> {
        let (mut needed, mut trades) = (Needed::default(), BTreeSet::new());
        let mut need = |what: &What| {
            needed::of_delivery(what).for_each(|id| needed.add(id));
            trades.extend(needed::trades(what).into_iter().map(TradeId::new));
        };
        self.read(Table::Delivery, |_, row: Stored| need(&row.delivery.what)).await?;
        self.read(Table::Buried, |_, delivery: Delivery| need(&delivery.what)).await?;
        for trade in trades {
            if let Some(trade) = self.core.tables.value::<Trade>(&trade_key(&trade))? {
                needed.add(needed::item_of(&trade));
            }
        }
        Arc::make_mut(&mut self.rules).needed = needed;
        Ok(())
    }

    async fn need_what_stands(&mut self) -> Result<()> {
        let mut needed = self.rules.needed.clone();
        let mut need = |trades: &mut dyn Iterator<Item = &TradeId>| trades.for_each(|trade| needed.add(trade.as_str()));
        self.read(Table::Posting, |_, standing: Standing| need(&mut standing.shows.iter().map(|shown| &shown.trade))).await?;
        self.read(Table::Shared, |_, shared: Named| need(&mut std::iter::once(&shared.trade))).await?;
        self.read(Table::Sharer, |_, sharer: Sharer| need(&mut sharer.status_line.iter())).await?;
        Arc::make_mut(&mut self.rules).needed = needed;
        Ok(())
    }

    /// Notes the listings of the items that are known, and the events that were read.
    async fn note_what_is_known(&mut self) -> Result<()> {
        let (mut listed, mut said) = (Needed::default(), Needed::default());
        let listing = |item: &Item| id_of(&item.source, Kind::Listing, &item.external_id, 0);
        self.read(Table::Item, |_, item: Item| listed.add(listing(&item).as_str())).await?;
        let mut note = |key: &Key, event: &str| {
            if is_said(key) {
                said.add(event);
            }
        };
        self.read(Table::Named, |key, event: String| note(&key, &event)).await?;
        let rules = Arc::make_mut(&mut self.rules);
        (rules.listed, rules.said) = (listed, said);
        Ok(())
    }

    /// Notes the addresses of ours that no source has: one that is being made has none for a while.
    async fn note_orphans(&self, orphans: &mut Orphans) -> Result<()> {
        let mut found = Orphans::new();
        let mut pages = Pages::of(&self.core.tables, Table::Named);
        while let Some(page) = pages.next().await? {
            for (key, bytes) in page {
                if is_orphan(&key, &bytes, &self.core.tables)? {
                    let since = orphans.get(key.bytes()).copied().unwrap_or(self.rules.before.now);
                    found.insert(key.into_bytes(), since);
                }
            }
        }
        *orphans = found;
        Ok(())
    }

    /// Counts what is there.
    async fn count(&mut self) -> Result<()> {
        for table in Table::iter().filter(|table| !NOT_COUNTED.contains(&table.kind())) {
            let mut count = 0;
            let mut pages = Pages::of(&self.core.tables, table);
            while let Some(page) = pages.next().await? {
                count += page.len() as u64;
            }
            self.pruned.kept.insert(table.kind(), count);
        }
        Ok(())
    }
}

/// A table, read a little at a time, so that others are served between.
struct Pages<'a> {
    tables: &'a Tables,
    table: Table,
    /// The last key that was read.
    after: Option<Vec<u8>>,
}

impl<'a> Pages<'a> {
    const fn of(tables: &'a Tables, table: Table) -> Self {
        Self { tables, table, after: None }
    }

    async fn next(&mut self) -> Result<Option<Vec<(Key, IVec)>>> {
        tokio::task::yield_now().await;
        let page = self.tables.page(self.table, self.after.as_deref(), AT_ONCE)?;
        self.after = page.last().map(|(key, _)| key.bytes().to_vec());
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}
