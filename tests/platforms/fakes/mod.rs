//! Fakes of platforms that cannot run here. They stand on the wire only, and each checks what the real
//! one checks. They are used by the tests of the adapters, and by the test over all of them.

#![allow(dead_code, unreachable_pub, reason = "two test binaries use them, each what it needs")]

use tradepost::platforms::Credentials;
use tradepost::platforms::PlatformSettings;

pub mod dangdang;
pub mod discogs;
pub mod ebay;
pub mod etsy;
pub mod extract;
pub mod jd;
pub mod oscar;
pub mod paipai;
pub mod pinduoduo;
pub mod shopify;
pub mod taobao;
pub mod vendure;
pub mod wire;
pub mod woocommerce;

/// A fake in whose every personal field (names, addresses, mails, phones, order keys, notes) stands
/// [`CANARY`], as far as the platform has such fields.
pub trait Canary: Send {
    /// The platform's id.
    fn platform(&self) -> &'static str;
    /// Points the settings at the fake, with whatever app the operator must have.
    fn set_up(&self, settings: &mut PlatformSettings);
    /// What is typed for the account.
    fn typed(&self) -> String;
    /// What lets tradepost in.
    fn credentials(&self) -> Option<Credentials>;
    /// After the account has been added: offers, sells and buys something new, as far as the platform
    /// can. The titles hold `Teapot`.
    fn trades(&self);
}

/// What must never be seen anywhere.
pub const CANARY: &str = "CANARY";
