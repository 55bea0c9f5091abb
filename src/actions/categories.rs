//! Categories: the built-in ones by name, and a sharer's own.

use super::Actions;
use super::Rejection;
use super::Result;
use crate::classify::criteria;
use crate::classify::fold;
use crate::domain::category::Belongs;
use crate::domain::category::CategoryId;
use crate::domain::category::OwnCategory;
use crate::domain::category::Selection;
use crate::domain::ids::ExternalId;
use crate::domain::ids::SourceId;
use crate::domain::ids::UserId;
use crate::domain::notice::BelongsLine;
use crate::domain::notice::CategoryLine;
use crate::domain::notice::CategoryName;
use crate::domain::notice::Names;
use crate::domain::notice::Notice;
use crate::domain::notice::TestedLine;
use crate::domain::problem::Problem;
use crate::domain::settings::Settings;
use crate::domain::sharer::Sharer;
use crate::domain::source::Fetched;
use crate::domain::text::Line;
use crate::domain::trade::Trade;
use crate::platforms::Application;
use crate::platforms::Context;
use crate::platforms::FetchError;
use crate::store::Commit;
use jiff::Timestamp;

/// The longest name of a category, in characters.
const NAME_CHARACTERS: usize = 40;
/// How many items of a shop are tried.
const TESTED: usize = 10;
/// Words that mean something else where a category may be named.
const RESERVED: [&str; 8] = ["other", "其他", "all", "全部", "default", "默认", "none", "any"];

impl Actions {
    /// Makes a category of the sharer's own, or changes one.
    pub async fn save_category(&self, user: &UserId, name: &str, typed: &str, is_new: bool) -> Result<(Commit, Notice)> {
        self.require_permission(user).await?;
        let mut sharer = self.sharer(user).await?;
        let line = Line::new(name, NAME_CHARACTERS + 1);
        let id = CategoryId::new(fold(line.as_str()));
        let has_letters = id.as_str().chars().any(char::is_alphanumeric);
        if !has_letters || line.as_str().chars().count() > NAME_CHARACTERS || RESERVED.contains(&id.as_str()) {
            return Err(Notice::CategoryName { typed: name.to_owned() }.into());
        }
        if self.intake.classifiers.built_in().named(name).is_some() {
            return Err(Notice::CategoryKnown { name: name.to_owned(), built_in: true }.into());
        }
        let known = sharer.categories.iter().position(|category| category.id == id);
        match (known, is_new) {
            (Some(_), true) => return Err(Notice::CategoryKnown { name: line.to_string(), built_in: false }.into()),
            (None, false) => return Err(self.unknown_category(&sharer, name)),
            _ => {}
        }
        if is_new && sharer.categories.len() >= self.limits.categories as usize {
            return Err(Notice::TooMany { limit: self.limits.categories }.into());
        }
        let criteria = criteria::read(typed).map_err(|reason| Notice::WrongCriteria { reason })?;
        let shown = criteria::show(&criteria);
        match known {
            Some(index) => sharer.categories[index].criteria = criteria,
            None => sharer.categories.push(OwnCategory { id, name: line.clone(), criteria }),
        }
        let notice = Notice::CategorySaved { name: line.to_string(), criteria: shown, changed: !is_new };
        Ok((Commit { sharers: vec![sharer], ..Commit::default() }, notice))
    }

    /// Deletes a category of the sharer's own. Where it was chosen, it is not any more.
    pub async fn delete_category(&self, user: &UserId, name: &str) -> Result<(Commit, Notice)> {
        let mut sharer = self.sharer(user).await?;
        let id = CategoryId::new(fold(name.trim()));
        let Some(index) = sharer.categories.iter().position(|category| category.id == id) else {
            if self.intake.classifiers.built_in().named(name).is_some() {
                return Err(Notice::CategoryKnown { name: name.to_owned(), built_in: true }.into());
            }
            return Err(self.unknown_category(&sharer, name));
        };
        let category = sharer.categories.remove(index);
        unchoose(&mut sharer.settings, &id);
        sharer.contacts.iter_mut().for_each(|contact| unchoose(&mut contact.settings, &id));
        Ok((Commit { sharers: vec![sharer], ..Commit::default() }, Notice::CategoryDeleted { name: category.name.to_string() }))
    }

    /// All categories of a sharer: the built-in ones and her own.
    pub async fn categories(&self, user: &UserId) -> Result<Notice> {
        let sharer = self.sharer(user).await?;
        let (built_in, own) = self.category_lines(&sharer);
        Ok(Notice::Categories { built_in, own })
    }

    /// One category with its criteria.
    pub async fn category(&self, user: &UserId, name: &str) -> Result<Notice> {
        let sharer = self.sharer(user).await?;
        let id = self.category_named(&sharer, name)?;
        let own = sharer.categories.iter().find(|category| category.id == id);
        let criteria = own.map(|own| criteria::show(&own.criteria)).unwrap_or_default();
        Ok(Notice::CategoryShown { category: self.category_name(&sharer, &id), criteria, built_in: own.is_none() })
    }

    /// What a text belongs to, or what stands at a shop's or feed's address.
    pub async fn test_categories(&self, user: &UserId, typed: &str, now: Timestamp) -> Result<Notice> {
        let sharer = self.sharer(user).await?;
        let is_link = typed.starts_with("http://") || typed.starts_with("https://");
        let trades = if is_link { self.items_at(user, typed, now).await? } else { vec![titled(typed, now)] };
        let classifier = self.intake.classifiers.of([(user, sharer.categories.as_slice())].into_iter());
        let tested = trades.iter().map(|trade| TestedLine {
            title: trade.title.to_string(),
            categories: self.belongs_lines(&sharer, &classifier.judge(trade).of(user)),
        });
        Ok(Notice::CategoryTested { tested: tested.collect() })
    }

    async fn items_at(&self, user: &UserId, link: &str, now: Timestamp) -> Result<Vec<Trade>> {
        let platform = self.platform(None, link, now).await?;
        let refused = |problem| Notice::AccountRefused { typed: link.to_owned(), problem };
        let context = Context { net: &self.intake.net, now };
        let application = Application { typed: link, user, credentials: None, links: None };
        let verified = match platform.verify(&context, &application).await {
            Ok(verified) => verified,
            // No shop and no feed, but perhaps the page of one item.
            Err(FetchError { problem: problem @ (Problem::PageWithoutFeed | Problem::PageWithFeeds { .. }), .. }) => {
                let found = self.intake.platforms.read_product(&context, link).await.ok();
                let found = found.filter(|found| found.says_so || problem == Problem::PageWithoutFeed);
                return Ok(vec![found.ok_or_else(|| refused(problem))?.trade]);
            }
            Err(error) => return Err(refused(error.problem).into()),
        };
        let Fetched::Changed { mut trades, .. } = verified.fetched else { return Ok(Vec::new()) };
        trades.truncate(TESTED);
        Ok(trades)
    }

    /// Categories and the reasons for them, to be shown.
    pub(super) fn belongs_lines(&self, sharer: &Sharer, categories: &[Belongs]) -> Vec<BelongsLine> {
        let line =
            |belongs: &Belongs| BelongsLine { name: self.category_name(sharer, &belongs.category), because: belongs.because.clone() };
        categories.iter().map(line).collect()
    }

    /// The category that a person typed: built in, her own, or `other`.
    pub(super) fn category_named(&self, sharer: &Sharer, typed: &str) -> Result<CategoryId> {
        let id = CategoryId::new(fold(typed.trim()));
        if matches!(id.as_str(), "other" | "其他" | "其它") {
            return Ok(CategoryId::other());
        }
        if sharer.categories.iter().any(|category| category.id == id) {
            return Ok(id);
        }
        self.intake.classifiers.built_in().named(typed).cloned().ok_or_else(|| self.unknown_category(sharer, typed))
    }

    /// The same as typed by a contact, who is not told which own categories there are.
    pub fn category_for_contact(&self, sharer: &Sharer, typed: &str) -> Result<CategoryId> {
        let nobody = Sharer::new(sharer.id.clone());
        self.category_named(sharer, typed).map_err(|_| self.unknown_category(&nobody, typed))
    }

    fn unknown_category(&self, sharer: &Sharer, typed: &str) -> Rejection {
        let (mut categories, own) = self.category_lines(sharer);
        categories.extend(own);
        Notice::UnknownCategory { typed: typed.to_owned(), categories }.into()
    }

    /// All categories there are for a sharer: the built-in ones, then her own, then `other`.
    pub(super) fn all_categories(&self, sharer: &Sharer) -> Vec<CategoryId> {
        let built_in = self.intake.classifiers.built_in().categories().iter().map(|category| category.id.clone());
        let own = sharer.categories.iter().map(|category| category.id.clone());
        built_in.chain(own).chain([CategoryId::other()]).collect()
    }

    fn category_lines(&self, sharer: &Sharer) -> (Vec<CategoryLine>, Vec<CategoryLine>) {
        let line = |id: &CategoryId, criteria| CategoryLine {
            name: self.category_name(sharer, id),
            criteria,
            on: sharer.settings.categories.as_ref().is_none_or(|chosen| chosen.holds(id)),
        };
        let built_in = self.intake.classifiers.built_in().categories().iter().map(|category| line(&category.id, String::new()));
        let own = sharer.categories.iter().map(|category| line(&category.id, criteria::show(&category.criteria)));
        (built_in.collect(), own.collect())
    }

    /// What a category is called.
    #[must_use]
    pub fn category_name(&self, sharer: &Sharer, id: &CategoryId) -> CategoryName {
        let same = |name: &str| Names { en: name.to_owned(), zh_cn: name.to_owned() };
        let own = sharer.categories.iter().find(|category| category.id == *id).map(|category| same(category.name.as_str()));
        let built_in = || {
            let category = self.intake.classifiers.built_in().categories().iter().find(|category| category.id == *id)?;
            Some(Names { en: category.name_en.clone(), zh_cn: category.name_zh.clone() })
        };
        let names = own.or_else(built_in).unwrap_or_else(|| same(id.as_str()));
        CategoryName { category: id.to_string(), names }
    }
}

fn unchoose(settings: &mut Settings, id: &CategoryId) {
    if let Some(Selection::Only(some)) = &mut settings.categories {
        some.remove(id);
    }
}

/// An item of which only the title is known.
fn titled(text: &str, now: Timestamp) -> Trade {
    Trade::listing(SourceId::new("typed"), ExternalId::new("typed"), Line::title(text), now)
}
