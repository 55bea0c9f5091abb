use super::Ask;
use super::Limits;
use super::Page;
use super::Shop;
use super::What;
use super::read;
use crate::domain::ids::ExternalId;
use crate::domain::problem::Problem;
use crate::domain::source::Fetched;
use crate::domain::trade::Kind;
use crate::platforms::FetchError;
use crate::platforms::title;
use async_trait::async_trait;
use futures_util::FutureExt;
use jiff::Timestamp;
use std::sync::Mutex;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);
const SIZE: u32 = 2;

/// Sales and listings by id, each with when it last changed.
#[derive(Default)]
struct Books {
    sales: Vec<(u32, Timestamp)>,
    listings: Vec<(u32, Timestamp)>,
    asked: Vec<Ask>,
    /// What changes at a time after the given number of requests.
    then: Option<(usize, u32, Timestamp)>,
    broken: bool,
    /// How many entries it says there are, where that is not true.
    claims: Option<u64>,
}

struct Fake {
    books: Mutex<Books>,
    requests: u32,
}

impl Fake {
    fn new(requests: u32) -> Self {
        Self { books: Mutex::default(), requests }
    }

    fn change(&self, change: impl FnOnce(&mut Books)) {
        change(&mut self.books.lock().unwrap());
    }

    fn asked(&self, what: What) -> Vec<u32> {
        let books = self.books.lock().unwrap();
        books.asked.iter().filter(|ask| ask.what == what).map(|ask| ask.number).collect()
    }
}

#[async_trait]
impl Shop for Fake {
    fn limits(&self) -> Limits {
        Limits { span: 15 * DAY, reach: 90 * DAY, requests: self.requests }
    }

    async fn page(&self, ask: &Ask) -> Result<Page, FetchError> {
        let mut books = self.books.lock().unwrap();
        if books.broken {
            return Err(Problem::ConnectionFailed.into());
        }
        books.asked.push(*ask);
        let span = ask.to.duration_since(ask.from.unwrap_or(ask.to)).unsigned_abs();
        assert!(ask.what == What::Listings || (ask.from.is_some() && span <= 15 * DAY), "{ask:?}");
        let asked = books.asked.len();
        if let Some((_, id, at)) = books.then.take_if(|(after, ..)| *after < asked) {
            books.sales.iter_mut().filter(|sale| sale.0 == id).for_each(|sale| sale.1 = at);
        }
        let (all, kind) = match ask.what {
            What::Sales => (&books.sales, Kind::Sale),
            What::Listings => (&books.listings, Kind::Listing),
        };
        let within: Vec<u32> =
            all.iter().filter(|(_, at)| ask.from.is_none_or(|from| *at >= from) && *at <= ask.to).map(|(id, _)| *id).collect();
        let skipped = ((ask.number - 1) * SIZE) as usize;
        let trade = |id: &u32| title::trade(kind, ExternalId::new(format!("{kind}:{id}")), &format!("{kind} {id}"), ask.to);
        let mut trades: Vec<_> = within.iter().skip(skipped).take(SIZE as usize).map(trade).collect();
        for trade in &mut trades {
            let number: u32 = trade.external_id.as_str().rsplit(':').next().unwrap().parse().unwrap();
            trade.occurred_at = (number < 10).then(|| at("2026-01-01"));
        }
        let total = books.claims.unwrap_or(within.len() as u64);
        Ok(Page { trades, gone: Vec::new(), total, size: SIZE, requests: 1 })
    }
}

fn at(day: &str) -> Timestamp {
    format!("{day}T12:00:00Z").parse().unwrap()
}

fn fetch(shop: &Fake, cursor: Option<&str>, now: Timestamp) -> Result<(Vec<String>, String, bool, bool), FetchError> {
    let Fetched::Changed { trades, cursor, complete, more, .. } = read(shop, cursor, now).now_or_never().unwrap()? else { panic!() };
    Ok((trades.iter().map(|trade| trade.external_id.to_string()).collect(), cursor.unwrap(), complete, more))
}

#[test]
fn an_empty_shop_is_complete_and_one_request_for_each_list() {
    let shop = Fake::new(10);
    let (found, _, complete, more) = fetch(&shop, None, at("2026-03-03")).unwrap();
    assert_eq!((found.len(), complete, more), (0, true, false));
    assert_eq!((shop.asked(What::Sales), shop.asked(What::Listings)), (vec![1], vec![1]));
}

#[test]
fn pages_are_read_from_the_last_to_the_first_so_that_what_leaves_hides_nothing() {
    let shop = Fake::new(100);
    let now = at("2026-03-03");
    shop.change(|books| {
        books.sales = (11..=16).map(|id| (id, at("2026-03-02"))).collect();
        // After the third page was read, the first sale changes and leaves the window.
        books.then = Some((3, 11, now + Duration::from_secs(1)));
    });
    let (found, cursor, ..) = fetch(&shop, None, now).unwrap();
    assert_eq!(shop.asked(What::Sales), [1, 3, 2, 1]);
    assert_eq!(found.len(), 6, "{found:?}");
    let (found, ..) = fetch(&shop, Some(&cursor), now + Duration::from_mins(1)).unwrap();
    assert_eq!(found, ["sale:11"]);
}

#[test]
fn a_long_absence_is_made_up_for_window_by_window() {
    let shop = Fake::new(100);
    let (_, cursor, ..) = fetch(&shop, None, at("2026-01-10")).unwrap();
    shop.change(|books| books.sales = vec![(11, at("2026-01-11")), (12, at("2026-02-01")), (13, at("2026-03-02"))]);
    let (found, _, _, more) = fetch(&shop, Some(&cursor), at("2026-03-03")).unwrap();
    assert_eq!((found.len(), more), (3, false));
    assert_eq!(shop.asked(What::Sales).len(), 1 + 4);
}

#[test]
fn nobody_is_asked_for_what_lies_too_far_back() {
    let shop = Fake::new(100);
    let (_, cursor, ..) = fetch(&shop, None, at("2025-01-10")).unwrap();
    fetch(&shop, Some(&cursor), at("2026-03-03")).unwrap();
    let reach = at("2026-03-03") - 90 * DAY;
    assert!(shop.books.lock().unwrap().asked.iter().skip(2).filter_map(|ask| ask.from).all(|from| from >= reach));
}

#[test]
fn a_poll_stops_in_the_middle_and_the_next_one_goes_on() {
    let shop = Fake::new(2);
    let now = at("2026-03-03");
    shop.change(|books| {
        books.listings = (1..=5).map(|id| (id, at("2026-02-01"))).collect();
        books.sales = (11..=15).map(|id| (id, at("2026-03-01"))).collect();
    });
    let (mut all, mut cursor, mut polls) = (Vec::new(), None, 0);
    loop {
        let (found, next, complete, more) = fetch(&shop, cursor.as_deref(), now).unwrap();
        assert!(!complete);
        all.extend(found);
        polls += 1;
        cursor = Some(next);
        if !more {
            break;
        }
    }
    all.sort();
    all.dedup();
    assert_eq!((all.len(), polls), (10, 5));
}

#[test]
fn a_failure_in_the_middle_loses_nothing() {
    let shop = Fake::new(100);
    let (_, cursor, ..) = fetch(&shop, None, at("2026-03-01")).unwrap();
    shop.change(|books| {
        books.sales = vec![(11, at("2026-03-02"))];
        books.broken = true;
    });
    assert!(fetch(&shop, Some(&cursor), at("2026-03-03")).is_err());
    shop.change(|books| books.broken = false);
    assert_eq!(fetch(&shop, Some(&cursor), at("2026-03-04")).unwrap().0, ["sale:11"]);
}

#[test]
fn all_listings_are_read_once_a_day_and_else_what_changed() {
    let shop = Fake::new(100);
    let now = at("2026-03-03");
    shop.change(|books| books.listings = (1..=5).map(|id| (id, at("2026-02-01"))).collect());
    let (found, cursor, complete, _) = fetch(&shop, None, now).unwrap();
    assert_eq!((found.len(), complete), (5, true));
    shop.change(|books| books.listings[2].1 = now + Duration::from_secs(30));
    let (found, cursor, complete, _) = fetch(&shop, Some(&cursor), now + Duration::from_mins(10)).unwrap();
    assert_eq!((found.join(" ").as_str(), complete), ("listing:3", false));
    let (found, _, complete, _) = fetch(&shop, Some(&cursor), now + DAY).unwrap();
    assert_eq!((found.len(), complete), (5, true));
}

#[test]
fn what_was_sold_long_before_the_first_look_is_never_told() {
    let shop = Fake::new(100);
    shop.change(|books| books.sales = vec![(1, at("2026-03-02")), (11, at("2026-03-02"))]);
    assert_eq!(fetch(&shop, None, at("2026-03-03")).unwrap().0, ["sale:11"]);
}

#[test]
fn an_unreadable_cursor_counts_as_none() {
    let shop = Fake::new(100);
    shop.change(|books| books.listings = vec![(1, at("2026-02-01"))]);
    assert_eq!(fetch(&shop, Some("{\"v\":0}"), at("2026-03-03")).unwrap().0, ["listing:1"]);
}

#[test]
fn a_shop_that_claims_to_have_no_end_is_not_read_for_ever() {
    let shop = Fake::new(100);
    shop.change(|books| books.claims = Some(u64::MAX));
    assert_eq!(fetch(&shop, None, at("2026-03-03")).unwrap_err().problem, Problem::MalformedAnswer);
    assert_eq!(shop.asked(What::Listings), [1]);
}
