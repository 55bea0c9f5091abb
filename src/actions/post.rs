//! Sharing one item by hand, from its page's link: what the page says of it, and above that what she says.

use super::Actions;
use super::Result;
use crate::domain::delivery::What;
use crate::domain::ids::ExternalId;
use crate::domain::ids::PlatformId;
use crate::domain::ids::UserId;
use crate::domain::link::PublicLink;
use crate::domain::link::user_information;
use crate::domain::money::Price;
use crate::domain::notice::DecidedLine;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sharer::Account;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::domain::text::Line;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use crate::intake::Before;
use crate::intake::ByHand;
use crate::intake::Handed;
use crate::platforms::BY_HAND;
use crate::platforms::product;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::texts;
use jiff::SignedDuration;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What the source is called that holds what is shared by hand.
const NAME: &str = "by hand";
/// There is nothing to look at: ten years.
const NEVER: SignedDuration = SignedDuration::from_hours(24 * 3_650);

/// An item as she says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPost {
    /// Its page.
    pub link: String,
    /// What it is called; none: as the page says.
    pub title: Option<Line>,
    /// What it costs; none: as the page says.
    pub price: Option<Price>,
}

/// What came of sharing something by hand.
#[derive(Debug)]
pub struct Posted {
    /// The change.
    pub commit: Commit,
    /// What she is told.
    pub notice: Notice,
    /// Whether anything was shared, or is known anew.
    pub is_done: bool,
}

/// An item, and what was wrong with its page.
struct Read {
    trade: Trade,
    link: PublicLink,
    problem: Option<Problem>,
}

impl Actions {
    /// Shares an item now with everybody for whom it is meant. The first one makes an account of hers.
    pub async fn post(&self, user: &UserId, new: &NewPost, now: Timestamp) -> Result<Posted> {
        self.require_permission(user).await?;
        let Read { trade, link, problem } = self.read_post(new, now).await?;
        let mut sharer = self.sharer(user).await?;
        let (source, account) = self.by_hand(&mut sharer, now).await?;
        if sharer.paused || account.paused {
            let notice = Notice::PostPaused { number: account.number, everything: sharer.paused };
            return Ok(Posted { commit: only_account(sharer, source), notice, is_done: false });
        }
        let shop = product::shop_at(&link);
        let ids = ids_of(&trade, new);
        let item = ByHand { trade, ids, shop: shop.clone() };
        let handed = self.intake.share_by_hand(&source, sharer.clone(), item, now).await?;
        let reached = reached(&handed.commit);
        let beside_name = handed.commit.deliveries.iter().any(|delivery| matches!(delivery.what, What::StatusLine { trade: Some(_), .. }));
        let Handed { commit, listing, before } = handed;
        let shop = shop.to_string();
        if before == Before::Nothing && reached.is_empty() && !beside_name {
            // Nothing of it is kept: it is new again when she has changed what is in the way.
            let notice = self.to_nobody(&sharer, &commit, listing, shop);
            return Ok(Posted { commit: only_account(sharer, source), notice, is_done: false });
        }
        if before == Before::Nothing {
            let notice = Notice::Posted { shop, trade: Box::new(listing), contacts: reached, beside_name, problem };
            return Ok(Posted { commit, notice, is_done: true });
        }
        let number = self.store().shared_trade(user, &listing.id()).await?.map(|shared| shared.number);
        let changed = before == Before::Other;
        let is_done = changed || !reached.is_empty();
        let notice = Notice::PostedBefore { title: listing.title.to_string(), number, contacts: reached, changed, problem };
        Ok(Posted { commit: if is_done { commit } else { only_account(sharer, source) }, notice, is_done })
    }

    /// What the page says of the item, and above that what she says. Without a page her title is enough.
    async fn read_post(&self, new: &NewPost, now: Timestamp) -> Result<Read> {
        let platforms = &self.intake.platforms;
        let refused = |problem: Problem, needs_title| {
            let typed = user_information(&new.link).map_or_else(|| new.link.clone(), |user| new.link.replace(user, ""));
            Notice::PostRefused { typed, problem, needs_title }
        };
        let (mut trade, problem) = match platforms.read_product(&self.intake.context(now), &new.link).await {
            Ok(found) => (found.trade, None),
            Err(error) => match &new.title {
                _ if is_no_page(&error.problem) => return Err(refused(error.problem, false).into()),
                None => return Err(refused(error.problem, true).into()),
                Some(title) => {
                    let unread = platforms.unread_product(&new.link, title.as_str(), now).map_err(|problem| refused(problem, false))?;
                    (unread.ok_or_else(|| not_posted(new))?, Some(error.problem))
                }
            },
        };
        if let Some(title) = &new.title {
            trade.title = title.clone();
        }
        if let Some(price) = &new.price {
            trade.price = Some(price.clone());
        }
        let link = trade.link.clone().ok_or_else(|| not_posted(new))?;
        Ok(Read { trade, link, problem })
    }

    /// Her account of what she shares by hand, with its source; made where there is none yet.
    async fn by_hand(&self, sharer: &mut Sharer, now: Timestamp) -> Result<(Source, Account)> {
        let platform = PlatformId::new(BY_HAND);
        let id = source_id(&platform, NAME, Some(&sharer.id));
        let label = Line::title(&texts::by_hand(sharer.language.unwrap_or_default()));
        let source = self.store().source(&id).await?.unwrap_or_else(|| {
            let interval_seconds = self.intake.interval_of(&platform);
            let new = Source::new(id.clone(), platform.clone(), NAME.to_owned(), label.clone(), interval_seconds, now + NEVER);
            Source { owner: Some(sharer.id.clone()), ..new }
        });
        if let Some(account) = sharer.accounts.iter_mut().find(|account| account.source == id) {
            // What she shares by hand has no baseline, also after a pause.
            account.baseline_pending = false;
            return Ok((source, account.clone()));
        }
        self.require_room_for_account(sharer)?;
        let account = Account {
            number: sharer.take_number(),
            source: id,
            platform,
            label,
            kinds: vec![Kind::Listing],
            paused: false,
            baseline_pending: false,
            interval_seconds: None,
            needs_secret: false,
            formerly: None,
            added_at: now,
        };
        sharer.accounts.push(account.clone());
        Ok((source, account))
    }

    /// Why nobody gets it.
    fn to_nobody(&self, sharer: &Sharer, commit: &Commit, trade: Trade, shop: String) -> Notice {
        let decided = commit.shared.iter().flat_map(|shared| &shared.contacts);
        let contacts = decided.map(|decided| DecidedLine { person: decided.person.to_string(), reason: decided.unmeant.clone() });
        let categories = commit.shared.iter().flat_map(|shared| &shared.categories);
        Notice::PostedToNobody {
            shop,
            trade: Box::new(trade),
            contacts: contacts.collect(),
            categories: categories.map(|belongs| self.category_name(sharer, &belongs.category)).collect(),
        }
    }
}

/// Whether there is nothing to be looked at for an account: what she shares by hand.
pub(super) fn is_by_hand(account: &Account) -> bool {
    account.platform.as_str() == BY_HAND
}

/// What is kept where nothing is shared: that she has an account for it.
fn only_account(sharer: Sharer, source: Source) -> Commit {
    let sources = if source.version == 0 { vec![source] } else { Vec::new() };
    Commit { sharers: vec![sharer], sources, ..Commit::default() }
}

/// Who gets anything of what was decided.
fn reached(commit: &Commit) -> Vec<String> {
    let decided = commit.shared.iter().flat_map(|shared| &shared.contacts).filter(|decided| decided.unmeant.is_none());
    let mut seen = BTreeSet::new();
    decided.map(|decided| decided.person.to_string()).filter(|person| seen.insert(person.clone())).collect()
}

/// The ids by which an item may be known: by its page's own link, and by the one that she typed.
fn ids_of(trade: &Trade, new: &NewPost) -> Vec<ExternalId> {
    let typed = product::typed_id(&new.link);
    let mut ids = vec![trade.external_id.clone()];
    ids.extend(typed.filter(|typed| *typed != trade.external_id));
    ids
}

/// Whether no title helps, since the link is none that others could open.
const fn is_no_page(problem: &Problem) -> bool {
    matches!(problem, Problem::NotAnAddress | Problem::AddressNotAllowed | Problem::PrivateAddress)
}

fn not_posted(new: &NewPost) -> Notice {
    Notice::LinkNotPosted { typed: new.link.clone() }
}
