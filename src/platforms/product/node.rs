//! JSON-LD as pages hold it (schema.org), which is written in many ways: one thing or a list of them, a
//! text or a node. Only what is needed of it is kept: of reviews, authors, sellers and contacts nothing is
//! even read.

use crate::platforms::raw::Raw;
use serde::de::DeserializeSeed;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::value::RawValue;
use std::cell::Cell;
use std::fmt;

/// How many nodes of a page are read.
const NODES: usize = 20_000;

/// A node, as far as it is looked at. A list of nodes is a node with nothing but these; a text is one with
/// nothing but that.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// `@id`.
    pub(super) id: String,
    /// `@type`, each without what stands before its last part.
    pub(super) types: Vec<String>,
    /// What it says, where it is a text.
    pub(super) text: String,
    pub(super) name: String,
    pub(super) url: String,
    pub(super) content_url: String,
    pub(super) price: Option<Raw>,
    pub(super) low_price: Option<Raw>,
    pub(super) high_price: Option<Raw>,
    pub(super) currency: String,
    pub(super) price_type: String,
    pub(super) availability: String,
    pub(super) position: Option<Raw>,
    /// Whether the price is for members only.
    pub(super) for_members: bool,
    /// `@graph`, and the elements of a list.
    pub(super) graph: Vec<Self>,
    pub(super) main: Vec<Self>,
    pub(super) main_of: Vec<Self>,
    pub(super) elements: Vec<Self>,
    pub(super) item: Vec<Self>,
    pub(super) offered: Vec<Self>,
    pub(super) offers: Vec<Self>,
    pub(super) specifications: Vec<Self>,
    pub(super) variants: Vec<Self>,
    pub(super) variant_of: Vec<Self>,
    pub(super) images: Vec<Self>,
    pub(super) categories: Vec<Self>,
    is_list: bool,
}

/// Reads the blocks of a page; one that cannot be read is left out.
pub(super) fn read(blocks: &[String]) -> Vec<Node> {
    let left = Cell::new(NODES);
    let read = |block: &String| {
        // Line breaks may not stand in texts, and often do; what surrounds a block are comments.
        let plain: String = block.replace("<![CDATA[", "").chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let json = &plain[plain.find(['{', '['])?..];
        OneNode(&left).deserialize(&mut serde_json::Deserializer::from_str(json)).ok()
    };
    blocks.iter().filter_map(read).flat_map(Node::into_many).collect()
}

impl Node {
    /// Whether it is of this type.
    pub(super) fn is(&self, wanted: &str) -> bool {
        self.types.iter().any(|name| name == wanted)
    }

    /// Whether it says no more than which node is meant.
    pub(super) fn is_reference(&self) -> bool {
        let says_price = self.price.is_some() || self.low_price.is_some() || !self.specifications.is_empty();
        !self.id.is_empty() && self.name.is_empty() && self.offers.is_empty() && !says_price
    }

    /// What it says as a text, or what it is called.
    pub(super) fn words(&self) -> &str {
        if self.text.is_empty() { &self.name } else { &self.text }
    }

    /// The addresses that it may have, the likeliest first.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        [&self.text, &self.content_url, &self.url, &self.id].into_iter().map(String::as_str).filter(|address| !address.is_empty())
    }

    fn into_many(self) -> Vec<Self> {
        if self.is_list { self.graph } else { vec![self] }
    }

    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A, left: &Cell<usize>) -> Result<(), A::Error> {
        let place = match key {
            "@graph" => &mut self.graph,
            "mainEntity" => &mut self.main,
            "mainEntityOfPage" => &mut self.main_of,
            "itemListElement" => &mut self.elements,
            "item" => &mut self.item,
            "itemOffered" => &mut self.offered,
            "offers" => &mut self.offers,
            "priceSpecification" => &mut self.specifications,
            "hasVariant" => &mut self.variants,
            "isVariantOf" => &mut self.variant_of,
            "image" => &mut self.images,
            "category" => &mut self.categories,
            _ => return self.take_word(key, map),
        };
        place.extend(map.next_value_seed(OneNode(left))?.into_many());
        Ok(())
    }

    fn take_word<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let place = match key {
            "@id" => &mut self.id,
            "@value" => &mut self.text,
            "name" => &mut self.name,
            "url" => &mut self.url,
            "contentUrl" => &mut self.content_url,
            "priceCurrency" => &mut self.currency,
            "priceType" => &mut self.price_type,
            "availability" => &mut self.availability,
            "@type" => {
                self.types = map.next_value_seed(Words)?.iter().map(|name| last_part(name).to_owned()).collect();
                return Ok(());
            }
            "price" | "lowPrice" | "highPrice" | "position" => return self.take_number(key, map),
            "validForMemberTier" => {
                self.for_members = true;
                return map.next_value::<IgnoredAny>().map(|_| ());
            }
            _ => return map.next_value::<IgnoredAny>().map(|_| ()),
        };
        if let Some(word) = map.next_value_seed(Words)?.into_iter().find(|word| !word.trim().is_empty()) {
            *place = word;
        }
        Ok(())
    }

    /// Numbers are read as they stand, never by way of a float.
    fn take_number<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let number = serde_json::from_str(map.next_value::<Box<RawValue>>()?.get()).ok();
        match key {
            "price" => self.price = number,
            "lowPrice" => self.low_price = number,
            "highPrice" => self.high_price = number,
            _ => self.position = number,
        }
        Ok(())
    }
}

/// `Product` of `https://schema.org/Product` and `schema:Product`.
pub(super) fn last_part(name: &str) -> &str {
    name.trim().trim_end_matches('/').rsplit(['/', '#', ':']).next().unwrap_or_default()
}

/// Reads a node out of whatever stands there, as long as there are nodes left to be read.
struct OneNode<'a>(&'a Cell<usize>);

impl<'de> DeserializeSeed<'de> for OneNode<'_> {
    type Value = Node;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        let left = self.0.get().checked_sub(1).ok_or_else(|| D::Error::custom("too many nodes"))?;
        self.0.set(left);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneNode<'_> {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a node")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut node = Node::default();
        while let Some(key) = map.next_key::<String>()? {
            if matches!(key.as_str(), "@list" | "@set") {
                node = map.next_value_seed(OneNode(self.0))?;
            } else {
                node.take(&key, &mut map, self.0)?;
            }
        }
        Ok(node)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut graph = Vec::new();
        while let Some(node) = list.next_element_seed(OneNode(self.0))? {
            graph.extend(node.into_many());
        }
        Ok(Node { graph, is_list: true, ..Node::default() })
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        Ok(Node { text: text.to_owned(), ..Node::default() })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Node, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Node, E> {
        Ok(Node::default())
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::default())
    }
}

/// Reads texts out of whatever stands there: one, several, or those of nodes.
struct Words;

impl<'de> DeserializeSeed<'de> for Words {
    type Value = Vec<String>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Vec<String>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Words {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<String>, A::Error> {
        let mut words = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if matches!(key.as_str(), "@value" | "@id" | "name") {
                words.extend(map.next_value_seed(Self)?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(words)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<String>, A::Error> {
        let mut words = Vec::new();
        while let Some(some) = list.next_element_seed(Self)? {
            words.extend(some);
        }
        Ok(words)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Vec<String>, E> {
        Ok(vec![text.to_owned()])
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Vec<String>, E> {
        Ok(vec![number.to_string()])
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }

    fn visit_unit<E: Error>(self) -> Result<Vec<String>, E> {
        Ok(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::NODES;
    use super::Node;
    use super::read;

    fn one(json: &str) -> Node {
        let mut nodes = read(&[json.to_owned()]);
        assert_eq!(nodes.len(), 1, "{json}");
        nodes.remove(0)
    }

    #[test]
    fn what_is_written_in_many_ways_means_one_thing() {
        for json in [
            r#"{"@type": "Product", "name": "Pot"}"#,
            r#"[{"@type": ["Thing", "https://schema.org/Product/"], "name": ["", "Pot"]}]"#,
            r#"{"@type": "schema:Product", "name": {"@value": "Pot", "@language": "en"}}"#,
            "//<![CDATA[\n{\"@type\": \"http://schema.org/Product\",\n \"name\": \"Pot\", \"review\": {\"name\": 5}}\n//]]>",
            "<!-- {\"@type\": [[\"Product\"]], \"name\": \"Pot\"} -->",
        ] {
            let node = one(json);
            assert!(node.is("Product") && node.name == "Pot", "{json}: {node:?}");
        }
        assert_eq!(one("{\"name\": \"Tea\n pot\"}").name, "Tea  pot");
        assert_eq!(one(r#"{"image": {"@list": ["a", "b"]}}"#).images.len(), 2);
        assert_eq!(one(r#"{"offers": [[{"price": 25.50}], {"price": "7"}, null, true, 1.5, -3]}"#).offers.len(), 6);
        assert_eq!(one(r#"{"price": 0.1000}"#).price.unwrap().as_str(), "0.1000");
        assert!(one(r#"{"price": {"amount": 5}}"#).price.is_none());
    }

    #[test]
    fn people_are_not_even_read() {
        let json = r#"{"name": "Pot", "review": {"author": {"name": "CANARY"}}, "seller": {"name": "CANARY"}, "telephone": "CANARY",
            "brand": {"name": "CANARY"}, "author": "CANARY", "offers": {"seller": {"name": "CANARY"}, "price": 1}}"#;
        let node = one(json);
        assert!(!format!("{node:?}").contains("CANARY") && node.offers.len() == 1);
    }

    #[test]
    fn what_is_made_to_break_a_reader_is_left_out() {
        let deep = |part: &str, times: usize| format!("{}{}", part.repeat(times), "}".repeat(times));
        assert_eq!(read(&[deep(r#"{"@graph":"#, 100_000)]).len(), 0);
        assert_eq!(read(&["[".repeat(500_000)]).len(), 0);
        // What is not looked at may be as deep as it likes.
        let ignored = format!(r#"{{"review": {}1{}, "name": "Pot"}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(one(&ignored).name, "Pot");
        let broad = format!("[{}{{}}]", "{},".repeat(NODES + 1));
        assert_eq!(read(&[broad, r#"{"name": "Pot"}"#.to_owned()]).len(), 0);
        for json in ["", "teapots", "{", "{]", r#"{"name": "Pot"#, "[1", r#"{"name": "\ud800"}"#] {
            assert_eq!(read(&[json.to_owned()]).len(), 0, "{json}");
        }
    }
}
