//! Which offer stands beside a sharer's name (output `status`).

use crate::classify::Judgement;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::Target;
use crate::domain::delivery::What;
use crate::domain::sharer::Sharer;
use crate::domain::trade::Kind;
use crate::domain::trade::Trade;
use jiff::Timestamp;

/// Puts the newest offer among `news` that may stand there beside the sharer's name, and takes away what
/// stands there and is gone; answers what is to be done for it, once for all of `news`.
pub(super) fn update(sharer: &mut Sharer, news: &[(Trade, Judgement)], now: Timestamp) -> Option<NewDelivery> {
    let mut changed = false;
    for (trade, judgement) in news {
        let fits = trade.kind != Kind::Withdrawn
            && trade.available != Some(false)
            && sharer.may_stand_beside_name(trade, &judgement.of(&sharer.id));
        if trade.kind == Kind::Listing && fits {
            sharer.status_line = Some(trade.id());
            changed = true;
        } else if trade.kind.is_change() && sharer.status_line == Some(trade.listing_id()) {
            sharer.status_line.take_if(|_| !fits);
            changed = true;
        }
    }
    let what = What::StatusLine { sharer: sharer.id.clone(), trade: sharer.status_line.clone() };
    changed.then(|| NewDelivery { target: Target::Person(sharer.id.clone()), what, not_before_at: now, once: None })
}

#[cfg(test)]
mod tests {
    use super::update;
    use crate::classify::BuiltIn;
    use crate::classify::Classifiers;
    use crate::classify::Judgement;
    use crate::domain::category::CategoryId;
    use crate::domain::category::Selection;
    use crate::domain::delivery::What;
    use crate::domain::ids::ExternalId;
    use crate::domain::ids::Number;
    use crate::domain::ids::PlatformId;
    use crate::domain::ids::SourceId;
    use crate::domain::ids::TradeId;
    use crate::domain::ids::UserId;
    use crate::domain::money::Price;
    use crate::domain::own_name::OwnName;
    use crate::domain::settings::Output;
    use crate::domain::settings::PriceChoice;
    use crate::domain::sharer::Account;
    use crate::domain::sharer::Sharer;
    use crate::domain::text::Line;
    use crate::domain::trade::Kind;
    use crate::domain::trade::Trade;
    use iso_currency::Currency;
    use jiff::Timestamp;
    use rust_decimal::Decimal;

    fn source() -> SourceId {
        SourceId::new("feed:tea")
    }

    /// Joy, who agreed to share in her own name, with her newest offer beside it.
    fn joy() -> Sharer {
        let mut joy = Sharer::new(UserId::new("@joy:a.example"));
        joy.accounts.push(Account {
            number: Number(1),
            source: source(),
            platform: PlatformId::new("feed"),
            label: Line::title("Tea"),
            kinds: vec![Kind::Listing, Kind::Sale, Kind::Purchase],
            paused: false,
            baseline_pending: false,
            interval_seconds: None,
            needs_secret: false,
            formerly: None,
            added_at: Timestamp::UNIX_EPOCH,
        });
        joy.own_name = Some(OwnName { agreed_at: Timestamp::UNIX_EPOCH, device: None, told_unverified: false });
        joy.settings.outputs = Some([Output::Message, Output::Status].into());
        joy
    }

    fn trade(kind: Kind, id: &str, price: i64) -> Trade {
        let price = Some(Price::new(Decimal::from(price), Currency::EUR));
        Trade { kind, price, ..Trade::listing(source(), ExternalId::new(id), Line::title(id), Timestamp::UNIX_EPOCH) }
    }

    fn offer(id: &str) -> Trade {
        trade(Kind::Listing, id, 10)
    }

    /// To what the line is set after `trades` came up in one poll: to one thing at the most.
    fn done(joy: &mut Sharer, trades: &[Trade]) -> Vec<Option<TradeId>> {
        let classifier = Classifiers::new(BuiltIn::standard()).of([(&joy.id, joy.categories.as_slice())].into_iter());
        let news: Vec<(Trade, Judgement)> = trades.iter().map(|trade| (trade.clone(), classifier.judge(trade))).collect();
        let what = update(joy, &news, Timestamp::UNIX_EPOCH).map(|delivery| delivery.what);
        let trade = |what| match what {
            What::StatusLine { trade, .. } => trade,
            other => panic!("{other:?}"),
        };
        what.into_iter().map(trade).inspect(|trade| assert_eq!(joy.status_line, *trade)).collect()
    }

    #[test]
    fn the_newest_of_a_poll_stands_there() {
        assert_eq!(done(&mut joy(), &[offer("pot"), offer("cup")]), [Some(offer("cup").id())]);
        assert_eq!(done(&mut joy(), &[]), []);
    }

    #[test]
    fn only_who_agreed_and_chose_it_has_it() {
        let change: [fn(&mut Sharer); 6] = [
            |joy| joy.own_name = None,
            |joy| joy.settings.outputs = None,
            |joy| joy.paused = true,
            |joy| joy.accounts[0].paused = true,
            |joy| joy.accounts[0].kinds = vec![Kind::Sale],
            |joy| joy.settings.accounts = Some(Selection::Only([Number(2)].into())),
        ];
        for change in change {
            let mut joy = joy();
            change(&mut joy);
            assert_eq!(done(&mut joy, &[offer("pot")]), []);
        }
    }

    #[test]
    fn sales_and_purchases_never_stand_there() {
        let mut joy = joy();
        joy.settings.kinds = Some([Kind::Listing, Kind::Sale, Kind::Purchase].into());
        assert_eq!(done(&mut joy, &[trade(Kind::Sale, "pot", 10), trade(Kind::Purchase, "cup", 10)]), []);
    }

    #[test]
    fn categories_and_price_are_those_that_hold_for_all() {
        let mut joy = joy();
        joy.settings.price = Some(PriceChoice::Within(crate::classify::criteria::read_price_range("< 20 EUR").unwrap()));
        assert_eq!(done(&mut joy, &[offer("pot"), trade(Kind::Listing, "cup", 30)]), [Some(offer("pot").id())]);
        joy.settings.categories = Some(Selection::Only([CategoryId::new("electronics")].into()));
        assert_eq!(done(&mut joy, &[offer("pot")]), []);
    }

    #[test]
    fn what_changes_is_said_anew_and_what_is_gone_goes() {
        let mut joy = joy();
        done(&mut joy, &[offer("pot")]);
        assert_eq!(done(&mut joy, &[trade(Kind::PriceChange, "cup", 9)]), []);
        assert_eq!(done(&mut joy, &[trade(Kind::PriceChange, "pot", 9)]), [Some(offer("pot").id())]);
        assert_eq!(done(&mut joy, &[trade(Kind::Withdrawn, "cup", 9)]), []);
        assert_eq!(done(&mut joy, &[trade(Kind::Withdrawn, "pot", 9)]), [None]);
        assert_eq!(done(&mut joy, &[offer("pot"), trade(Kind::Withdrawn, "pot", 9)]), [None]);
    }
}
