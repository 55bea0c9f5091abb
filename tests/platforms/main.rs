//! The adapters, each against a fake of its platform that is as strict as the real one: it checks
//! signatures, clocks, page sizes and spans, and fails in every way that a platform does.

#[cfg(test)]
mod dangdang;
#[cfg(test)]
mod discogs;
#[cfg(test)]
mod ebay;
#[cfg(test)]
mod etsy;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod jd;
#[cfg(test)]
mod oscar;
#[cfg(test)]
mod paipai;
#[cfg(test)]
mod partner;
#[cfg(test)]
mod pinduoduo;
#[cfg(test)]
mod shopify;
#[cfg(test)]
mod support;
#[cfg(test)]
mod taobao;
#[cfg(test)]
mod vendure;
#[cfg(test)]
mod woocommerce;
