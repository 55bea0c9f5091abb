//! Which of the things that a page describes is the one that it sells. Where that is in doubt, none is.

use super::node::Node;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use url::Url;

/// What stands for a thing that is sold, besides everything that has offers.
const PRODUCTS: [&str; 9] =
    ["Product", "ProductGroup", "ProductModel", "ProductCollection", "IndividualProduct", "SomeProducts", "Vehicle", "Car", "Motorcycle"];

/// How many things are looked at.
const CANDIDATES: usize = 200;
/// How many offers of one thing are looked at. A reference costs nothing and may mean much.
const OFFERS: usize = 500;
/// How many ways to a page are looked at.
const CRUMBS: usize = 10;
/// How much of two names must be the same, in characters.
const NAME: usize = 300;

/// Something that is sold, with its offers.
#[derive(Clone, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) node: &'a Node,
    /// Its offers, and those of its variants.
    pub(super) offers: Vec<&'a Node>,
    /// Whether the page says that it is about this.
    is_main: bool,
}

/// Everything that stands on a page, sorted.
#[derive(Default)]
pub(super) struct Sorted<'a> {
    /// What stands there by itself.
    products: Vec<Candidate<'a>>,
    /// What has offers and is called something else.
    things: Vec<Candidate<'a>>,
    /// What stands in a list: other products often.
    listed: Vec<Candidate<'a>>,
    /// Where the page is within its site.
    pub(super) crumbs: Vec<&'a Node>,
    /// What the page says that it is about, by name.
    main: BTreeSet<&'a str>,
    named: BTreeMap<&'a str, &'a Node>,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Place {
    in_list: bool,
    is_main: bool,
}

impl<'a> Sorted<'a> {
    pub(super) fn of(nodes: &'a [Node]) -> Self {
        let mut sorted = Self::default();
        for node in nodes {
            sorted.take(node, Place { in_list: false, is_main: false });
        }
        sorted
    }

    fn take(&mut self, node: &'a Node, place: Place) {
        if node.is_reference() {
            if place.is_main {
                self.main.insert(&node.id);
            }
        } else if !node.id.is_empty() {
            self.named.entry(&node.id).or_insert(node);
        }
        if node.is("BreadcrumbList") {
            if self.crumbs.len() < CRUMBS {
                self.crumbs.push(node);
            }
            return;
        }
        let is_product = PRODUCTS.iter().any(|name| node.is(name));
        if is_product && !node.is_reference() {
            self.add(node, node.offers.iter().collect(), place);
            return;
        }
        if let Some(offered) = node.offered.first() {
            self.add(offered, offered.offers.iter().chain([node]).collect(), place);
            return;
        }
        if !node.offers.is_empty() && !place.in_list && self.things.len() < CANDIDATES {
            self.things.push(Candidate { node, offers: node.offers.iter().collect(), is_main: place.is_main });
        }
        let inside = |nodes: &'a [Node], place| nodes.iter().map(move |node| (node, place));
        let in_list = Place { in_list: true, is_main: false };
        let parts = inside(&node.graph, Place { is_main: false, ..place })
            .chain(inside(&node.main, Place { is_main: true, ..place }))
            .chain(inside(&node.elements, in_list))
            .chain(inside(&node.item, place));
        for (part, place) in parts.collect::<Vec<_>>() {
            self.take(part, place);
        }
    }

    fn add(&mut self, node: &'a Node, offers: Vec<&'a Node>, place: Place) {
        let candidates = if place.in_list { &mut self.listed } else { &mut self.products };
        if candidates.len() < CANDIDATES {
            candidates.push(Candidate { node, offers, is_main: place.is_main });
        }
    }

    /// The node that a reference means.
    pub(super) fn meant(&self, node: &'a Node) -> &'a Node {
        if node.is_reference() { self.named.get(node.id.as_str()).copied().unwrap_or(node) } else { node }
    }

    /// Whether more than one thing is sold there, so that a page's title may be that of all of them.
    pub(super) fn is_many(&self) -> bool {
        self.products.len() + self.things.len() + self.listed.len() > 1
    }

    /// The one thing that the page at these addresses sells, if there is no doubt about it.
    pub(super) fn own(&self, page: &[Url]) -> Option<Candidate<'a>> {
        let pool = if self.products.is_empty() { &self.things } else { &self.products };
        if pool.is_empty() {
            // What is listed is the page's own only where it says so.
            return only(self.at(&self.listed, page, true)).or_else(|| only(self.at(&self.listed, page, false)));
        }
        let pool = merged(self.with_variants(pool));
        if pool.len() == 1 {
            return pool.into_iter().next();
        }
        let main = pool.iter().filter(|one| one.is_main || self.main.contains(one.node.id.as_str())).cloned().collect();
        only(main).or_else(|| only(self.at(&pool, page, true))).or_else(|| only(self.at(&pool, page, false)))
    }

    /// Those that say that they stand at one of these addresses, with the query or without it.
    fn at(&self, pool: &[Candidate<'a>], page: &[Url], with_query: bool) -> Vec<Candidate<'a>> {
        let Some(base) = page.first() else { return Vec::new() };
        let of_page: BTreeSet<String> = page.iter().map(|url| key(url, with_query)).collect();
        let stands = |candidate: &&Candidate<'a>| {
            let offers = candidate.offers.iter().map(|offer| self.meant(offer)).map(|offer| offer.url.as_str());
            let own = [candidate.node.url.as_str(), candidate.node.id.as_str()].into_iter();
            let pages = candidate.node.main_of.iter().flat_map(Node::addresses);
            let mut said = own.chain(pages).chain(offers).filter(|said| !said.is_empty() && !said.starts_with('#'));
            said.any(|said| base.join(said).is_ok_and(|url| of_page.contains(&key(&url, with_query))))
        };
        pool.iter().filter(stands).cloned().collect()
    }

    /// Groups with their variants, which may stand within them or beside them.
    fn with_variants(&self, pool: &[Candidate<'a>]) -> Vec<Candidate<'a>> {
        let group_of = |(at, variant): (usize, &Candidate<'a>)| {
            let of = variant.node.variant_of.first()?;
            pool.iter().enumerate().position(|(place, group)| place != at && is_group(of, group.node))
        };
        let groups: Vec<Option<usize>> = pool.iter().enumerate().map(group_of).collect();
        let mut with_variants = pool.to_vec();
        for (variant, group) in pool.iter().zip(&groups) {
            if let Some(group) = group.and_then(|at| with_variants.get_mut(at)) {
                group.offers.extend(&variant.offers);
            }
        }
        for group in &mut with_variants {
            let inside = group.node.variants.iter().take(OFFERS).map(|variant| self.meant(variant));
            group.offers.extend(inside.flat_map(|variant| variant.offers.iter().take(OFFERS)).take(OFFERS));
            group.offers.truncate(OFFERS);
        }
        with_variants.into_iter().zip(groups).filter(|(_, group)| group.is_none()).map(|(candidate, _)| candidate).collect()
    }
}

/// Whether a node names this group.
fn is_group(named: &Node, group: &Node) -> bool {
    if named.id.is_empty() { group.is("ProductGroup") && !named.name.is_empty() && named.name == group.name } else { named.id == group.id }
}

/// The same thing described twice, by the shop and by an extension of it, is one: the one with offers.
fn merged(pool: Vec<Candidate<'_>>) -> Vec<Candidate<'_>> {
    let mut merged: Vec<(String, Candidate<'_>)> = Vec::new();
    for candidate in pool {
        let name: String = candidate.node.name.trim().chars().take(NAME).flat_map(char::to_lowercase).collect();
        match merged.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) if known.offers.is_empty() => *known = Candidate { is_main: known.is_main || candidate.is_main, ..candidate },
            Some((_, known)) => known.is_main |= candidate.is_main,
            None => merged.push((name, candidate)),
        }
    }
    merged.into_iter().map(|(_, candidate)| candidate).collect()
}

fn only(mut candidates: Vec<Candidate<'_>>) -> Option<Candidate<'_>> {
    if candidates.len() == 1 { candidates.pop() } else { None }
}

/// What two addresses of one page have in common.
fn key(url: &Url, with_query: bool) -> String {
    let host = url.host_str().unwrap_or_default();
    let query = url.query().filter(|_| with_query).unwrap_or_default();
    format!("{}{}?{query}", host.strip_prefix("www.").unwrap_or(host), url.path().trim_end_matches('/'))
}
