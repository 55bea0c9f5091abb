//! The shop's products, each read once in a poll, and what is shown of one.

use super::answers::Product;
use super::shop::Shop;
use crate::domain::link::PublicLink;
use crate::domain::trade::RawCategory;
use crate::domain::trade::Trade;
use crate::platforms::FetchError;
use crate::platforms::title;
use iso_currency::Currency;
use jiff::Timestamp;
use std::collections::BTreeMap;
use url::Url;

/// Products of the shop.
pub(super) struct Catalogue<'a> {
    pub(super) shop: &'a Shop<'a>,
    pub(super) now: Timestamp,
    known: BTreeMap<u64, Option<Product>>,
}

/// What is shown of a product.
pub(super) struct Shown {
    pub(super) title: String,
    link: Option<PublicLink>,
    image: Option<PublicLink>,
    categories: Vec<RawCategory>,
}

impl<'a> Catalogue<'a> {
    pub(super) const fn new(shop: &'a Shop<'a>, now: Timestamp) -> Self {
        Self { shop, now, known: BTreeMap::new() }
    }

    /// What is shown of the product of this number; none where there is none with a title.
    pub(super) async fn shown(&mut self, id: u64) -> Result<Option<Shown>, FetchError> {
        let Some(product) = self.product(id).await? else { return Ok(None) };
        let parent = match product.parent {
            Some(parent) => self.product(parent).await?,
            None => None,
        };
        Ok(self.shown_with(&product, parent.as_ref()))
    }

    /// The same for a product, and its parent where it is a variant, that have been read.
    pub(super) fn shown_with(&self, product: &Product, parent: Option<&Product>) -> Option<Shown> {
        let is_public = product.is_public && parent.is_none_or(|parent| parent.is_public);
        let own = |text: &String| !text.trim().is_empty();
        let title = Some(&product.title).filter(|title| own(title)).or(parent.map(|parent| &parent.title).filter(|title| own(title)))?;
        let categories = std::iter::once(product).chain(parent).map(|product| &product.categories).find(|paths| !paths.is_empty());
        let mut images = std::iter::once(product).chain(parent).flat_map(|product| &product.images);
        let image = images.find_map(|image| Url::parse(image.original.as_deref()?).ok());
        Some(Shown {
            title: title.clone(),
            // What is not public has no page for others.
            link: is_public.then(|| self.shop.link(&format!("catalogue/{}_{}/", product.slug, product.id))).flatten(),
            image: image.filter(|_| is_public).and_then(|image| self.shop.public_link(image)),
            categories: categories.into_iter().flatten().map(|path| title::category(path)).collect(),
        })
    }

    /// A product; none where it has been deleted.
    async fn product(&mut self, id: u64) -> Result<Option<Product>, FetchError> {
        if let Some(product) = self.known.get(&id) {
            return Ok(product.clone());
        }
        let product: Option<Product> = self.shop.thing(&format!("admin/products/{id}/")).await?;
        self.known.insert(id, product.clone());
        Ok(product)
    }
}

impl Shown {
    /// Puts link, picture and categories on a trade.
    pub(super) fn put_on(self, trade: &mut Trade) {
        trade.link = self.link;
        trade.image = self.image;
        trade.categories = self.categories;
    }
}

/// A currency by its code.
pub(super) fn currency(code: Option<&str>) -> Option<Currency> {
    Currency::from_code(code?)
}
