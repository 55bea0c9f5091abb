//! Links that are good once: consent at a platform, the page on which a secret is typed, and the one that
//! shows a secret. What comes of the first two is told to the sharer in her management room.

use super::Actions;
use super::Rejection;
use super::Result;
use super::accounts::Adding;
use super::accounts::Candidate;
use super::accounts::NewAccount;
use super::accounts::account_of;
use super::accounts::refused;
use super::accounts::sealed_secrets;
use super::accounts::with_sharer;
use super::post::is_by_hand;
use crate::domain::asked::LINKS;
use crate::domain::asked::OneTimeLink;
use crate::domain::asked::Purpose;
use crate::domain::delivery::NewDelivery;
use crate::domain::ids::Number;
use crate::domain::ids::UserId;
use crate::domain::notice::Notice;
use crate::domain::problem::Problem;
use crate::domain::sharer::Account;
use crate::domain::sharer::Language;
use crate::domain::sharer::Sharer;
use crate::domain::source::Source;
use crate::domain::trade::digest;
use crate::intake::Way;
use crate::platforms::Application;
use crate::platforms::Credentials;
use crate::platforms::LinkTemplate;
use crate::platforms::Platform;
use crate::platforms::SecretForm;
use crate::platforms::SecretUse;
use crate::platforms::consent::Answered;
use crate::platforms::consent::Ask;
use crate::platforms::source_id;
use crate::store::Commit;
use crate::store::Named;
use crate::store::StoreError;
use crate::values::Secret;
use crate::vault::random_token;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// How often what changed meanwhile is decided anew.
const ATTEMPTS: usize = 5;

/// What a link asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAsk {
    /// What the platform is called.
    pub platform: String,
    /// The account.
    pub account: String,
    /// What is done on its page.
    pub page: LinkPage,
    /// The language of whoever it was given to.
    pub language: Option<Language>,
}

/// What is done on the page of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPage {
    /// A secret that looks like this is typed.
    Type(SecretForm),
    /// A secret is shown.
    Show,
}

/// What came of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkEnd {
    /// It did what it was for.
    Done {
        /// For whom.
        user: UserId,
        /// Her language.
        language: Option<Language>,
    },
    /// It shows what is given to the platform by hand.
    Shown {
        /// The address to which it is to send.
        address: String,
        /// What it is to sign with.
        secret: Secret,
        /// What the account is called.
        account: String,
        /// Her language.
        language: Option<Language>,
    },
    /// It is good no more, or never was.
    Gone,
    /// It did not work.
    Refused {
        /// Why.
        problem: Problem,
        /// Her language.
        language: Option<Language>,
    },
}

impl Actions {
    /// Asks for the secret of a new account: by consent at the platform, on a page of ours, or typed.
    pub(super) fn ask_for_secret(&self, sharer: Sharer, platform: &dyn Platform, new: &NewAccount<'_>, now: Timestamp) -> Result<Adding> {
        let purpose = Purpose::Add { typed: new.typed.to_owned(), links: new.links.map(str::to_owned) };
        let asked = Asked { platform, typed: new.typed, renews: None, writes: false };
        let (commit, notice) = self.ask(sharer, &asked, purpose, now)?;
        Ok(Adding::Asked { commit: Box::new(commit), notice })
    }

    /// Asks for a new secret for an account, or takes the one that was typed.
    pub async fn new_secret(&self, user: &UserId, number: Number, typed: Option<&Secret>, now: Timestamp) -> Result<(Commit, Notice)> {
        self.require_permission(user).await?;
        let sharer = self.sharer(user).await?;
        let account = account_of(&sharer, number)?.clone();
        let source = self.source_of(&account).await?;
        let platform = self.platform_of(&account)?;
        if matches!(platform.descriptor().secret, SecretUse::Never | SecretUse::SharedAccount) {
            return Err(Notice::NoSecretForAccount { label: account.label.to_string() }.into());
        }
        if let Some(secret) = typed {
            let commit = self.renew(sharer, &account, Credentials::new(secret.clone()), false, now).await?;
            return Ok((commit, Notice::SecretTaken { number, label: account.label.to_string() }));
        }
        let asked = Asked { platform: platform.as_ref(), typed: &source.name, renews: Some(number), writes: false };
        self.ask(sharer, &asked, Purpose::Renew { number, pushes: false }, now)
    }

    /// A page where she agrees that the platform may be told to send, where it has one.
    pub(super) fn ask_to_write(
        &self,
        sharer: Sharer,
        account: &Account,
        source: &Source,
        now: Timestamp,
    ) -> Result<(Commit, Option<String>)> {
        let platform = self.platform_of(account)?;
        let asked = Asked { platform: platform.as_ref(), typed: &source.name, renews: Some(account.number), writes: true };
        let (commit, notice) = self.ask(sharer, &asked, Purpose::Renew { number: account.number, pushes: true }, now)?;
        let Notice::SecretAsked { consent, .. } = notice else { return Ok((Commit::default(), None)) };
        Ok((commit, consent.map(String::from)))
    }

    /// Tells somebody that a secret of hers stays where she typed it, and asks for a new one.
    pub async fn ask_for_another(
        &self,
        user: &UserId,
        account: Option<Number>,
        is_direct: bool,
        now: Timestamp,
    ) -> std::result::Result<Commit, StoreError> {
        let sharer = self.store().sharer(user).await?;
        let known = account.and_then(|number| sharer.as_ref().and_then(|sharer| account_of(sharer, number).ok()).cloned());
        let asked = match &known {
            Some(account) => self.new_secret(user, account.number, None, now).await,
            None => Err(Notice::TryAgain.into()),
        };
        let (mut commit, page) = match asked {
            Ok((commit, Notice::SecretAsked { consent, page, .. })) => (commit, page.or(consent)),
            Err(Rejection::Store(error)) => return Err(error),
            Ok(_) | Err(Rejection::Refused(_)) => (Commit::default(), None),
        };
        let (label, number) = known.map(|account| (account.label.to_string(), account.number)).unzip();
        let notice = Notice::SecretStays { is_direct, label, page: page.map(String::from), number };
        commit.deliveries.push(NewDelivery::to_person(user.clone(), notice, now));
        Ok(commit)
    }

    fn ask(&self, mut sharer: Sharer, asked: &Asked<'_>, purpose: Purpose, now: Timestamp) -> Result<(Commit, Notice)> {
        let descriptor = asked.platform.descriptor();
        let token = random_token::<16>();
        let mut commit = Commit::default();
        let page = self.intake.public_address(&["secret", &token]).map(|page| page.to_string());
        let consent = match (asked.platform.consent(), self.intake.public_address(&["consent", descriptor.id.as_str()])) {
            (Some(consent), Some(answers_to)) => {
                let ends_at =
                    self.intake.public_address(&["consent", descriptor.id.as_str(), "done"]).unwrap_or_else(|| answers_to.clone());
                let ask = Ask { typed: asked.typed, state: &token, answers_to: &answers_to, ends_at: &ends_at, writes: asked.writes };
                match consent.page(&ask) {
                    Ok(page) => Some(page.to_string()),
                    // Of an account that is there something else is wrong, and a secret may still be typed.
                    Err(problem) if asked.renews.is_some() => {
                        tracing::info!(problem = %problem.name(), platform = %descriptor.id, "nobody can agree by link for an account");
                        None
                    }
                    Err(problem) => return Err(refused(asked.typed, problem)),
                }
            }
            _ => None,
        };
        if page.is_some() {
            commit.named = put_link(&mut sharer, &token, descriptor.id.clone(), purpose, now);
            commit.sharers.push(sharer);
        }
        let notice = Notice::SecretAsked {
            platform: descriptor.id.to_string(),
            name: descriptor.name.clone(),
            account: asked.renews.map_or_else(|| asked.typed.to_owned(), |number| number.to_string()),
            renews: asked.renews.is_some(),
            consent: consent.map(String::into_boxed_str),
            page: page.map(String::into_boxed_str),
        };
        Ok((commit, notice))
    }

    /// What a link asks for; none where it is good no more, or never was. It stays good: clients look at
    /// links before people do.
    pub async fn link_ask(&self, token: &str, now: Timestamp) -> std::result::Result<Option<LinkAsk>, StoreError> {
        let Some((sharer, link)) = self.linked(token, now).await? else { return Ok(None) };
        let Some(platform) = self.intake.platforms.get(&link.platform) else { return Ok(None) };
        let account = match &link.purpose {
            Purpose::Add { typed, .. } => typed.clone(),
            Purpose::Renew { number, .. } | Purpose::Show { number } => {
                let account = sharer.accounts.iter().find(|account| account.number == *number);
                account.map_or_else(String::new, |account| account.label.to_string())
            }
        };
        let descriptor = platform.descriptor();
        let page = match link.purpose {
            Purpose::Show { .. } => LinkPage::Show,
            Purpose::Add { .. } | Purpose::Renew { .. } => LinkPage::Type(descriptor.secret_form),
        };
        Ok(Some(LinkAsk { platform: descriptor.name.clone(), account, page, language: sharer.language }))
    }

    /// A page that shows, once, what the owner of an account gives the platform by hand.
    pub(super) fn ask_to_look(&self, commit: &mut Commit, mut sharer: Sharer, account: &Account, now: Timestamp) -> Result<String> {
        let token = random_token::<16>();
        let page = self.intake.public_address(&["secret", &token]).ok_or(Notice::NoPublicAddress)?;
        // One that was not looked at would show the same.
        let purpose = Purpose::Show { number: account.number };
        let (former, kept) = std::mem::take(&mut sharer.links).into_iter().partition(|link| link.purpose == purpose);
        sharer.links = kept;
        let former: Vec<OneTimeLink> = former;
        commit.named.extend(former.into_iter().map(|link| (Named::Link(link.digest), None)));
        commit.named.extend(put_link(&mut sharer, &token, account.platform.clone(), purpose, now));
        commit.sharers.push(sharer);
        Ok(page.to_string())
    }

    /// Shows what a link is for; it is good no more from now on.
    pub async fn show_secret(&self, token: &str, now: Timestamp) -> std::result::Result<LinkEnd, StoreError> {
        let shows = |link: &OneTimeLink| matches!(link.purpose, Purpose::Show { .. });
        let Some((sharer, OneTimeLink { purpose: Purpose::Show { number }, .. })) = self.taken_link(token, shows, now).await? else {
            return Ok(LinkEnd::Gone);
        };
        let Ok(account) = account_of(&sharer, number) else { return Ok(LinkEnd::Gone) };
        let Some(source) = self.store().source(&account.source).await? else { return Ok(LinkEnd::Gone) };
        let Some(hook) = self.intake.hook_by_hand(&source) else { return Ok(LinkEnd::Gone) };
        let (account, language) = (account.label.to_string(), sharer.language);
        Ok(LinkEnd::Shown { address: hook.callback.to_string(), secret: hook.secret, account, language })
    }

    /// Takes a secret that was typed on the page of a link. The link stays good where it is refused.
    pub async fn give_secret(&self, token: &str, secret: Secret, now: Timestamp) -> std::result::Result<LinkEnd, StoreError> {
        self.end_link(&Ending::Page(token), &Credentials::new(secret), None, now).await
    }

    /// Takes what a platform answered about a consent. A state is good for one answer, whatever comes of it:
    /// her browser may ask twice, and a code that is redeemed twice ends what it gave.
    pub async fn consented(
        &self,
        platform: &str,
        query: &BTreeMap<String, String>,
        body: &[u8],
        now: Timestamp,
    ) -> std::result::Result<LinkEnd, StoreError> {
        let found = self.intake.platforms.iter().find(|one| one.descriptor().id.as_str() == platform).cloned();
        let (Some(found), Some(answers_to)) = (found, self.intake.public_address(&["consent", platform])) else { return Ok(LinkEnd::Gone) };
        let Some(consent) = found.consent() else { return Ok(LinkEnd::Gone) };
        let Some(token) = consent.state_of(query, body) else { return Ok(LinkEnd::Gone) };
        let agrees = |link: &OneTimeLink| link.platform.as_str() == platform && !matches!(link.purpose, Purpose::Show { .. });
        let Some((sharer, link)) = self.taken_link(&token, agrees, now).await? else { return Ok(LinkEnd::Gone) };
        let typed = match &link.purpose {
            Purpose::Add { typed, .. } => typed.clone(),
            Purpose::Renew { number, .. } | Purpose::Show { number } => {
                match account_of(&sharer, *number).map(|account| account.source.clone()) {
                    Ok(source) => self.store().source(&source).await?.map_or_else(String::new, |source| source.name),
                    Err(_) => return Ok(LinkEnd::Gone),
                }
            }
        };
        let answered = Answered { typed: &typed, query, body, answers_to: &answers_to };
        match consent.redeem(&self.intake.context(now), &answered).await {
            Ok(granted) => {
                let ending = Ending::Consent(&sharer.id, &link);
                self.end_link(&ending, &granted.credentials, granted.account.as_deref(), now).await
            }
            Err(error) => Ok(LinkEnd::Refused { problem: error.problem, language: sharer.language }),
        }
    }

    /// A link that is for this, which is good no more from now on.
    async fn taken_link(
        &self,
        token: &str,
        is_for_this: impl Fn(&OneTimeLink) -> bool,
        now: Timestamp,
    ) -> std::result::Result<Option<(Sharer, OneTimeLink)>, StoreError> {
        for _ in 0..ATTEMPTS {
            let found = self.linked(token, now).await?.filter(|(_, link)| is_for_this(link));
            let Some((mut sharer, link)) = found else { return Ok(None) };
            sharer.links.retain(|other| other.digest != link.digest);
            let named = vec![(Named::Link(link.digest.clone()), None)];
            match self.store().commit(Commit { sharers: vec![sharer.clone()], named, ..Commit::default() }).await {
                Err(StoreError::Conflict) => {}
                result => return result.map(|()| Some((sharer, link))),
            }
        }
        Err(StoreError::Conflict)
    }

    /// Does what a link is for, with what lets tradepost in, and tells its owner.
    async fn end_link(
        &self,
        ending: &Ending<'_>,
        credentials: &Credentials,
        account: Option<&str>,
        now: Timestamp,
    ) -> std::result::Result<LinkEnd, StoreError> {
        for _ in 0..ATTEMPTS {
            let found = match ending {
                Ending::Page(token) => self.linked(token, now).await?.filter(|(_, link)| !matches!(link.purpose, Purpose::Show { .. })),
                Ending::Consent(user, link) => self.store().sharer(user).await?.map(|sharer| (sharer, (*link).clone())),
            };
            let Some((mut sharer, link)) = found else { return Ok(LinkEnd::Gone) };
            sharer.links.retain(|other| other.digest != link.digest);
            let (user, language) = (sharer.id.clone(), sharer.language);
            let digest = link.digest.clone();
            let ended = self.carry_out(sharer, link, credentials.clone(), account, now).await;
            let (mut commit, notice) = match ended {
                Ok(done) => done,
                Err(Rejection::Store(error)) => return Err(error),
                Err(Rejection::Refused(Notice::AccountRefused { problem, .. })) => return Ok(LinkEnd::Refused { problem, language }),
                Err(Rejection::Refused(notice)) => (Commit::default(), notice),
            };
            commit.named.push((Named::Link(digest), None));
            commit.deliveries.push(NewDelivery::to_person(user.clone(), notice, now));
            match self.store().commit(commit).await {
                Err(StoreError::Conflict) => {}
                result => return result.map(|()| LinkEnd::Done { user, language }),
            }
        }
        Err(StoreError::Conflict)
    }

    async fn carry_out(
        &self,
        sharer: Sharer,
        link: OneTimeLink,
        credentials: Credentials,
        account: Option<&str>,
        now: Timestamp,
    ) -> Result<(Commit, Notice)> {
        self.require_permission(&sharer.id).await?;
        match link.purpose {
            Purpose::Add { typed, links } => {
                let platform = self.intake.platforms.get(&link.platform).cloned().ok_or(Notice::TryAgain)?;
                let links = links.as_deref().and_then(LinkTemplate::parse);
                let candidate = Candidate { platform, typed: account.unwrap_or(&typed), credentials: Some(credentials), links };
                Ok(match self.add_candidate(sharer, candidate, now).await? {
                    Adding::Added(added) => {
                        let notice = added.notice();
                        (added.commit, notice)
                    }
                    Adding::Asked { commit, notice } => (*commit, notice),
                })
            }
            // Nothing is given on a page that shows something.
            Purpose::Show { .. } => Err(Notice::TryAgain.into()),
            Purpose::Renew { number, pushes } => {
                let account = account_of(&sharer, number)?.clone();
                let commit = self.renew(sharer, &account, credentials, pushes, now).await?;
                let label = account.label.to_string();
                Ok((commit, if pushes { self.push_on(label) } else { Notice::SecretTaken { number, label } }))
            }
        }
    }

    /// Gives an account a new secret, after it has been verified that it is for this very account. One that
    /// anybody could read before becomes hers alone.
    async fn renew(&self, mut sharer: Sharer, account: &Account, credentials: Credentials, pushes: bool, now: Timestamp) -> Result<Commit> {
        let before = self.source_of(account).await?;
        let platform = self.platform_of(account)?;
        let links = before.link_template.as_deref().and_then(LinkTemplate::parse);
        let user = sharer.id.clone();
        let application = Application { typed: &before.name, user: &user, credentials: Some(&credentials), links: links.as_ref() };
        let verified = platform.verify(&self.intake.context(now), &application).await;
        let verified = verified.map_err(|error| refused(&before.name, error.problem))?;
        if verified.name != before.name {
            return Err(refused(&before.name, Problem::NoSuchAccount));
        }
        let is_hers = before.owner.as_ref() == Some(&user);
        let private = source_id(&before.platform, &before.name, Some(&user));
        if let Some(Account { number, label, .. }) = sharer.account_at(&private).filter(|_| !is_hers) {
            return Err(Notice::AccountKnown { number: *number, label: label.to_string() }.into());
        }
        let mut source = if is_hers { before } else { self.begun_anew(hers(before, &user), now).await? };
        self.seal(&mut source, &credentials, now)?;
        source.failure = None;
        source.next_poll_at = now;
        let mut named = vec![sealed_secrets()];
        if pushes {
            let failed = |_| Notice::PushNotPossible { platform: account.platform.to_string() };
            let before = source.clone();
            self.intake.subscribe(&mut source, now).await.map_err(failed)?;
            named.extend(self.let_go(&before, now).await.named);
        }
        if let Some(account) = sharer.accounts.iter_mut().find(|other| other.number == account.number) {
            account.needs_secret = false;
            account.baseline_pending |= !is_hers;
            if !is_hers {
                account.formerly = Some(std::mem::replace(&mut account.source, source.id.clone()));
            }
        }
        if is_hers {
            return Ok(Commit { sharers: vec![sharer], sources: vec![source], named, ..Commit::default() });
        }
        let commit = self.intake.absorb(source, verified.fetched, vec![sharer.clone()], Way::Polled, now).await?;
        let mut commit = with_sharer(commit, sharer);
        commit.named.extend(named);
        Ok(commit)
    }

    /// Whose link this is, and which; none where she may not share any more.
    async fn linked(&self, token: &str, now: Timestamp) -> std::result::Result<Option<(Sharer, OneTimeLink)>, StoreError> {
        let digest = digest(&[token]);
        let Some(user) = self.store().named(&Named::Link(digest.clone())).await? else { return Ok(None) };
        let Some(sharer) = self.store().sharer(&UserId::new(user)).await? else { return Ok(None) };
        if !self.permissions.lets_share(&sharer) {
            return Ok(None);
        }
        let link = sharer.links.iter().find(|link| link.digest == digest && link.is_good(now)).cloned();
        Ok(link.map(|link| (sharer, link)))
    }

    pub(super) async fn source_of(&self, account: &Account) -> Result<Source> {
        Ok(self.store().source(&account.source).await?.ok_or(Notice::TryAgain)?)
    }

    pub(super) fn platform_of(&self, account: &Account) -> Result<Arc<dyn Platform>> {
        if is_by_hand(account) {
            return Err(Notice::NothingToLookAt { label: account.label.to_string() }.into());
        }
        let missing = || Notice::PlatformNotSetUp { platform: account.platform.to_string() };
        Ok(self.intake.platforms.get(&account.platform).cloned().ok_or_else(missing)?)
    }
}

/// By what a link comes to its end.
enum Ending<'a> {
    /// By a secret that was typed on its page; the link is good until it is accepted.
    Page(&'a str),
    /// By a consent, for which it has been taken.
    Consent(&'a UserId, &'a OneTimeLink),
}

/// What is asked of whom.
struct Asked<'a> {
    platform: &'a dyn Platform,
    typed: &'a str,
    renews: Option<Number>,
    writes: bool,
}

/// Notes a link with its sharer; answers what is to be stored beside her. The oldest ones give way.
fn put_link(
    sharer: &mut Sharer,
    token: &str,
    platform: crate::domain::ids::PlatformId,
    purpose: Purpose,
    now: Timestamp,
) -> Vec<(Named, Option<String>)> {
    let (kept, over): (Vec<_>, Vec<_>) = std::mem::take(&mut sharer.links).into_iter().partition(|link| link.is_good(now));
    sharer.links = kept;
    let excess = (sharer.links.len() + 1).saturating_sub(LINKS);
    let ended: Vec<OneTimeLink> = over.into_iter().chain(sharer.links.drain(..excess).collect::<Vec<_>>()).collect();
    let digest = digest(&[token]);
    sharer.links.push(OneTimeLink { digest: digest.clone(), made_at: now, platform, purpose });
    let mut named: Vec<_> = ended.into_iter().map(|link| (Named::Link(link.digest), None)).collect();
    named.push((Named::Link(digest), Some(sharer.id.to_string())));
    named
}

/// The same account as a source of its owner alone.
fn hers(before: Source, user: &UserId) -> Source {
    let id = source_id(&before.platform, &before.name, Some(user));
    let Source { platform, name, label, interval_seconds, next_poll_at, link_template, .. } = before;
    Source { owner: Some(user.clone()), link_template, ..Source::new(id, platform, name, label, interval_seconds, next_poll_at) }
}
