//! The tables and their keys. All tables share one tree of the database, each behind a byte of its
//! own: then a change of several tables is one batch, which sled applies whole or not at all, without
//! the reads that its transactions make for each write. Reading them is `tables`'s.

use jiff::Timestamp;
use strum::IntoEnumIterator;

/// What is stored, by the first byte of its key. The bytes are part of the schema; the words, which
/// are the names here, are part of the form of exports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, strum::EnumIter, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
#[repr(u8)]
pub(super) enum Table {
    /// The schema and the ledger.
    Meta = b'm',
    /// Sharers by user.
    Sharer = b's',
    /// Sources by id.
    Source = b'p',
    /// Items by source and external id.
    Item = b'i',
    /// Trades by id.
    Trade = b't',
    /// Rooms by id.
    Room = b'r',
    /// Index: the sharers who follow a source.
    Follower = b'f',
    /// Index: the sharers with a contact in a room.
    Contact = b'c',
    /// Index: the rooms in which a user is.
    Presence = b'u',
    /// Index: the sources by when they are to be polled.
    Poll = b'n',
    /// Waiting deliveries by number.
    Delivery = b'd',
    /// What was tried of waiting deliveries, by number.
    Attempt = b'a',
    /// Deliveries that were given up, by number.
    Buried = b'b',
    /// The once keys that are taken.
    Once = b'o',
    /// Postings by event.
    Posting = b'e',
    /// The newest posting and the day's count, by room or person.
    Sent = b'l',
    /// Pending events in the order they came.
    Event = b'q',
    /// The events ever seen, with the time.
    Seen = b'w',
    /// Index: the postings that show an item, newest first.
    Showing = b'I',
    /// Index: the postings in a room that show a sharer's trades, newest first.
    PostedTo = b'P',
    /// Index: the board of a sharer in a room.
    Board = b'B',
    /// Index: the panel posted last, by owner and scope.
    Panel = b'L',
    /// Index: the delivery queued last to revise a posting.
    Revising = b'V',
    /// Reactions that were remembered, by event.
    Remembered = b'R',
    /// What was decided about trades, by sharer and number.
    Shared = b'S',
    /// Index: the numbers of what was decided, by sharer and trade.
    Decided = b'D',
    /// The last of these numbers, by sharer.
    LastShared = b'N',
    /// The trades that sharers withdrew, by sharer and trade.
    Undone = b'U',
    /// Index: the sharers who agreed that tradepost acts as them.
    OwnName = b'O',
    /// Encrypted events whose key is awaited, by event.
    Parked = b'k',
    /// Index: the parked events that wait for the key of a session, by room, session and number.
    Awaiting = b'K',
    /// Index: the parked events by when they were received, and number.
    ParkedAt = b'T',
    /// Small values by name.
    Named = b'v',
}

impl Table {
    /// What an operator would call a value of it.
    pub(super) const fn kind(self) -> &'static str {
        match self {
            Self::Meta => "mark",
            Self::Sharer => "sharer",
            Self::Source => "source",
            Self::Item => "item",
            Self::Trade => "trade",
            Self::Room => "room",
            Self::Follower
            | Self::Contact
            | Self::Presence
            | Self::Poll
            | Self::Showing
            | Self::PostedTo
            | Self::Board
            | Self::Panel
            | Self::Revising
            | Self::Decided
            | Self::OwnName
            | Self::Awaiting
            | Self::ParkedAt => "index",
            Self::Delivery => "delivery",
            Self::Attempt => "attempt",
            Self::Buried => "buried delivery",
            Self::Once => "once key",
            Self::Posting => "posting",
            Self::Sent => "count of",
            Self::Event => "event",
            Self::Seen => "seen event",
            Self::Remembered => "reaction",
            Self::Shared => "shared trade",
            Self::LastShared => "number of",
            Self::Undone => "withdrawn trade",
            Self::Parked => "parked event",
            Self::Named => "small value",
        }
    }
}

/// Few keys are longer, in bytes: the others never grow.
const LONG: usize = 64;

/// Where a value stands.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    table: Table,
    bytes: Vec<u8>,
}

impl Key {
    /// The beginning of all keys of a table.
    pub(super) fn all(table: Table) -> Self {
        let mut bytes = Vec::with_capacity(LONG);
        bytes.push(table as u8);
        Self { table, bytes }
    }

    /// A key that is a text.
    pub(super) fn text(table: Table, text: &str) -> Self {
        Self::all(table).with(text.as_bytes())
    }

    /// A key that is a number, in its order.
    pub(super) fn number(table: Table, number: u64) -> Self {
        Self::all(table).with(&number.to_be_bytes())
    }

    /// The beginning of the keys of pairs with this first part.
    pub(super) fn first(table: Table, first: &str) -> Self {
        Self::all(table).part(first)
    }

    /// The beginning of the keys with these two parts before the last.
    pub(super) fn firsts(table: Table, first: &str, second: &str) -> Self {
        Self::first(table, first).part(second)
    }

    /// A key that is a pair of texts; the length of the first stands before it, so that no two pairs
    /// share a key.
    pub(super) fn pair(table: Table, first: &str, second: &str) -> Self {
        Self::first(table, first).with(second.as_bytes())
    }

    /// A key that is a text and a number, in the order of the numbers.
    pub(super) fn numbered(table: Table, first: &str, number: u32) -> Self {
        Self::first(table, first).with(&number.to_be_bytes())
    }

    /// A key below this one that is a number, in its order.
    pub(super) fn upwards(self, number: u64) -> Self {
        self.with(&number.to_be_bytes())
    }

    /// A key below this one that is a number and a text; the highest number stands first.
    pub(super) fn downwards(self, number: u64, text: &str) -> Self {
        self.with(&(!number).to_be_bytes()).with(text.as_bytes())
    }

    /// The text of a key that [`Self::downwards`] made from this one.
    pub(super) fn downwards_text(&self, bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes.get(self.bytes.len() + size_of::<u64>()..).unwrap_or_default()).into_owned()
    }

    /// A key that was found in the database.
    pub(super) fn found(table: Table, bytes: &[u8]) -> Self {
        Self { table, bytes: bytes.to_vec() }
    }

    /// A key that was found among those of all tables; none: of no table that there is.
    pub(super) fn of_any_table(bytes: &[u8]) -> Option<Self> {
        let first = bytes.first()?;
        let table = Table::iter().find(|table| *table as u8 == *first)?;
        Some(Self::found(table, bytes))
    }

    /// What stands behind the table's byte.
    pub(super) fn rest(&self) -> &[u8] {
        self.bytes.get(1..).unwrap_or_default()
    }

    /// The second part of a pair.
    pub(super) fn second(&self) -> String {
        let second = self.rest().split_first_chunk().and_then(|(length, rest)| rest.get(u32::from_be_bytes(*length) as usize..));
        String::from_utf8_lossy(second.unwrap_or_default()).into_owned()
    }

    /// A key of which [`Self::rest`] is this.
    pub(super) fn of_rest(table: Table, rest: &[u8]) -> Self {
        Self::all(table).with(rest)
    }

    /// A key that is a time and a text, in the order of the times.
    pub(super) fn timed(table: Table, at: Timestamp, text: &str) -> Self {
        Self::all(table).with(&ordered(at)).with(text.as_bytes())
    }

    /// Its table.
    pub(super) const fn table(&self) -> Table {
        self.table
    }

    /// As it stands in the database.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// As it stands in the database.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// For an operator to read.
    pub(super) fn shown(&self) -> String {
        let rest = self.rest();
        let numbered = matches!(self.table, Table::Delivery | Table::Attempt | Table::Buried | Table::Event);
        match <[u8; 8]>::try_from(rest) {
            Ok(number) if numbered => u64::from_be_bytes(number).to_string(),
            _ => String::from_utf8_lossy(rest).replace(char::is_control, ""),
        }
    }

    /// A text behind its length.
    fn part(self, text: &str) -> Self {
        let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
        self.with(&length.to_be_bytes()).with(text.as_bytes())
    }

    fn with(mut self, more: &[u8]) -> Self {
        self.bytes.extend_from_slice(more);
        self
    }
}

/// The bytes of a time, which sort like the times, those before 1970 too.
fn ordered(at: Timestamp) -> [u8; 16] {
    (at.as_nanosecond() ^ i128::MIN).to_be_bytes()
}

/// The time and the text of a key made by [`Key::timed`].
pub(super) fn timed_parts(bytes: &[u8]) -> Option<(Timestamp, String)> {
    let (time, text) = bytes.get(1..)?.split_first_chunk::<16>()?;
    let at = Timestamp::from_nanosecond(i128::from_be_bytes(*time) ^ i128::MIN).ok()?;
    Some((at, String::from_utf8(text.to_vec()).ok()?))
}

/// The number of a key made by [`Key::number`].
pub(super) fn number_of(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.get(1..)?.first_chunk()?))
}

/// The number of a key made by [`Key::upwards`].
pub(super) fn last_number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(*bytes.last_chunk()?))
}

#[cfg(test)]
mod tests {
    use super::Key;
    use super::Table;
    use super::timed_parts;
    use jiff::Timestamp;

    #[test]
    fn times_sort_as_keys_as_they_do_by_themselves() {
        let times = ["-000044-01-01T00:00:00Z", "1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z", "2031-05-06T07:08:09.000000001Z"];
        let times = times.map(|time| time.parse::<Timestamp>().unwrap());
        let keys = times.map(|time| Key::timed(Table::Poll, time, "feed:x").into_bytes());
        assert!(keys.is_sorted());
        for (time, key) in times.into_iter().zip(keys) {
            assert_eq!(timed_parts(&key), Some((time, "feed:x".to_owned())));
        }
    }

    #[test]
    fn no_two_pairs_share_a_key() {
        assert_ne!(Key::pair(Table::Item, "a", "bc").into_bytes(), Key::pair(Table::Item, "ab", "c").into_bytes());
    }

    #[test]
    fn keys_downwards_begin_with_the_highest_number_and_keep_their_text() {
        let first = Key::firsts(Table::Showing, "feed:x", "1");
        let keys = [u64::MAX, 256, 255, 1, 0].map(|number| first.clone().downwards(number, "$event").into_bytes());
        assert!(keys.is_sorted());
        assert!(keys.iter().all(|key| key.starts_with(first.bytes()) && first.downwards_text(key) == "$event"));
        assert_ne!(first.bytes(), Key::firsts(Table::Showing, "feed:x1", "").bytes());
    }
}
