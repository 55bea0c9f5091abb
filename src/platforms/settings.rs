//! What the operator sets for each platform, and the one list of all adapters.

use crate::platforms::Platform;
use crate::platforms::dangdang::Dangdang;
use crate::platforms::dangdang::DangdangSettings;
use crate::platforms::discogs::Discogs;
use crate::platforms::discogs::DiscogsSettings;
use crate::platforms::ebay::Ebay;
use crate::platforms::ebay::EbaySettings;
use crate::platforms::etsy::Etsy;
use crate::platforms::etsy::EtsySettings;
use crate::platforms::feed::Feed;
use crate::platforms::feed::FeedSettings;
use crate::platforms::jd::Jd;
use crate::platforms::jd::JdSettings;
use crate::platforms::oscar::Oscar;
use crate::platforms::oscar::OscarSettings;
use crate::platforms::paipai::Paipai;
use crate::platforms::paipai::PaipaiSettings;
use crate::platforms::partner::Partners;
use crate::platforms::pinduoduo::Pinduoduo;
use crate::platforms::pinduoduo::PinduoduoSettings;
use crate::platforms::shopify::Shopify;
use crate::platforms::shopify::ShopifySettings;
use crate::platforms::taobao::Taobao;
use crate::platforms::taobao::TaobaoSettings;
use crate::platforms::vendure::Vendure;
use crate::platforms::vendure::VendureSettings;
use crate::platforms::woocommerce::WooCommerce;
use crate::platforms::woocommerce::WooCommerceSettings;
use serde::Deserialize;
use std::sync::Arc;
use toml_example::TomlExample;

/// See the sections below it, one for each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
#[toml_example(doc_skip_prefix = "See ")]
pub struct PlatformSettings {
    /// See [`WooCommerceSettings`].
    #[toml_example(nesting)]
    pub woocommerce: WooCommerceSettings,
    /// See [`ShopifySettings`].
    #[toml_example(nesting)]
    pub shopify: ShopifySettings,
    /// See [`EbaySettings`].
    #[toml_example(nesting)]
    pub ebay: EbaySettings,
    /// See [`EtsySettings`].
    #[toml_example(nesting)]
    pub etsy: EtsySettings,
    /// See [`DiscogsSettings`].
    #[toml_example(nesting)]
    pub discogs: DiscogsSettings,
    /// See [`TaobaoSettings`].
    #[toml_example(nesting)]
    pub taobao: TaobaoSettings,
    /// See [`JdSettings`].
    #[toml_example(nesting)]
    pub jd: JdSettings,
    /// See [`PinduoduoSettings`].
    #[toml_example(nesting)]
    pub pinduoduo: PinduoduoSettings,
    /// See [`DangdangSettings`].
    #[toml_example(nesting)]
    pub dangdang: DangdangSettings,
    /// See [`PaipaiSettings`].
    #[toml_example(nesting)]
    pub paipai: PaipaiSettings,
    /// See [`VendureSettings`].
    #[toml_example(nesting)]
    pub vendure: VendureSettings,
    /// See [`OscarSettings`].
    #[toml_example(nesting)]
    pub oscar: OscarSettings,
    /// See [`FeedSettings`].
    #[toml_example(nesting)]
    pub feed: FeedSettings,
    /// See [`Partners`].
    #[toml_example(nesting)]
    pub partners: Partners,
}

/// Every adapter that is built in, in the order in which they are listed to people. A platform is added by its
/// file, a section above and a line here.
pub(super) fn adapters(settings: &PlatformSettings, allow_http_links: bool) -> Vec<Arc<dyn Platform>> {
    vec![
        // One a line, the general one last.
        Arc::new(WooCommerce::new(&settings.woocommerce, allow_http_links)),
        Arc::new(Shopify::new(&settings.shopify, allow_http_links)),
        Arc::new(Ebay::new(&settings.ebay, allow_http_links)),
        Arc::new(Etsy::new(&settings.etsy, allow_http_links)),
        Arc::new(Discogs::new(&settings.discogs, allow_http_links)),
        Arc::new(Taobao::new(&settings.taobao)),
        Arc::new(Jd::new(&settings.jd, allow_http_links)),
        Arc::new(Pinduoduo::new(&settings.pinduoduo)),
        Arc::new(Dangdang::new(&settings.dangdang, allow_http_links)),
        Arc::new(Paipai::new(&settings.paipai, allow_http_links)),
        Arc::new(Vendure::new(&settings.vendure, allow_http_links)),
        Arc::new(Oscar::new(&settings.oscar, allow_http_links)),
        Arc::new(Feed::new(&settings.feed, allow_http_links)),
    ]
}
