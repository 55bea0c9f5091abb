//! The fields of Google Merchant (`g:price` and others) in the items of an XML feed, which the feed
//! parser passes over. Source: Google product data specification.

use quick_xml::events::BytesStart;
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use quick_xml::reader::NsReader;

const NAMESPACE: &str = "http://base.google.com/ns/1.0";

/// The longest value that is kept, in bytes.
const VALUE_BYTES: usize = 10_000;

/// One item's fields; empty where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) link: String,
    pub(super) image: String,
    pub(super) price: String,
    pub(super) sale_price: String,
    pub(super) availability: String,
    pub(super) category: String,
    pub(super) product_types: Vec<String>,
}

/// The fields of each `item` and `entry`, in order; as far as the document can be read.
pub(super) fn read(xml: &str) -> Vec<Fields> {
    let mut reader = NsReader::from_str(xml);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.trim_markup_names_in_closing_tags = true;
    let mut walk = Walk::default();
    loop {
        match reader.read_resolved_event() {
            Ok((namespace, Event::Start(start))) => walk.enter(&start, &namespace),
            Ok((_, Event::End(_))) => walk.leave(),
            Ok((_, Event::Text(text))) => walk.take(&text),
            Ok((_, Event::CData(text))) => walk.take(&text),
            Ok((_, Event::GeneralRef(reference))) => match reference.resolve_char_ref() {
                Ok(Some(c)) => walk.take(c.encode_utf8(&mut [0; 4])),
                _ => walk.take(quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or_default()),
            },
            Ok((_, Event::Eof)) | Err(_) => return walk.items,
            Ok(_) => {}
        }
    }
}

/// Where in the document we are.
#[derive(Default)]
struct Walk {
    items: Vec<Fields>,
    depth: usize,
    /// The depth of the item we are in.
    item: Option<usize>,
    /// The field we are in and its text so far.
    field: Option<(String, String)>,
}

impl Walk {
    fn enter(&mut self, start: &BytesStart, namespace: &ResolveResult) {
        self.depth += 1;
        let name = start.local_name();
        match self.item {
            // rss/channel/item, RDF/item, feed/entry
            None if (2..=3).contains(&self.depth) && matches!(name.as_ref(), "item" | "entry") => {
                self.item = Some(self.depth);
                self.items.push(Fields::default());
            }
            Some(item) if self.depth == item + 1 && is_google(start, namespace) => {
                self.field = Some((name.as_ref().to_owned(), String::new()));
            }
            _ => {}
        }
    }

    fn leave(&mut self) {
        if self.item.is_some_and(|item| self.depth == item + 1)
            && let Some((name, text)) = self.field.take()
            && let Some(item) = self.items.last_mut()
        {
            item.set(&name, text.trim());
        }
        if self.item == Some(self.depth) {
            self.item = None;
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn take(&mut self, part: &str) {
        if let Some((_, text)) = &mut self.field
            && self.item.is_some_and(|item| self.depth == item + 1)
            && text.len() + part.len() <= VALUE_BYTES
        {
            text.push_str(part);
        }
    }
}

/// By namespace, and by the usual prefix where the feed forgot to declare it.
fn is_google(start: &BytesStart, namespace: &ResolveResult) -> bool {
    match namespace {
        ResolveResult::Bound(bound) => bound.as_ref() == NAMESPACE,
        ResolveResult::Unknown(_) => start.name().prefix().is_some_and(|prefix| prefix.as_ref() == "g"),
        ResolveResult::Unbound => false,
    }
}

impl Fields {
    /// Takes a field; of one that is repeated the first, but all product types.
    fn set(&mut self, name: &str, text: &str) {
        let field = match name {
            "id" => &mut self.id,
            "title" => &mut self.title,
            "link" => &mut self.link,
            "image_link" => &mut self.image,
            "price" => &mut self.price,
            "sale_price" => &mut self.sale_price,
            "availability" => &mut self.availability,
            "google_product_category" => &mut self.category,
            "product_type" => return self.product_types.push(text.to_owned()),
            _ => return,
        };
        if field.is_empty() {
            text.clone_into(field);
        }
    }

    /// Whether it can be had; none where the feed does not say.
    pub(super) fn available(&self) -> Option<bool> {
        match self.availability.to_ascii_lowercase().replace(' ', "_").as_str() {
            "in_stock" | "preorder" | "backorder" | "available_for_order" => Some(true),
            "out_of_stock" => Some(false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Fields;
    use super::read;

    #[test]
    fn fields_are_read_item_by_item() {
        let xml = r#"<rss xmlns:g="http://base.google.com/ns/1.0" xmlns:o="urn:other"><channel><g:id>no</g:id>
            <item><g:id> 7 </g:id><g:title><![CDATA[A & B]]></g:title><g:price>1 <b>2</b>EUR</g:price>
                <g:product_type>Home &gt; Tea</g:product_type><g:product_type>New</g:product_type>
                <o:price>9 USD</o:price><price>8 USD</price><g:price>5 USD</g:price></item>
            <item/>
            <item><g:availability>Out of Stock</g:availability></item></channel></rss>"#;
        let items = read(xml);
        assert_eq!(items.len(), 3);
        assert_eq!((items[0].id.as_str(), items[0].title.as_str(), items[0].price.as_str()), ("7", "A & B", "1 EUR"));
        assert_eq!(items[0].product_types, ["Home > Tea", "New"]);
        assert_eq!(items[1], Fields::default());
        assert_eq!(items[2].available(), Some(false));
    }

    #[test]
    fn atom_other_prefixes_and_undeclared_ones_are_read_too() {
        let atom =
            r#"<feed xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://base.google.com/ns/1.0"><entry><m:id>1</m:id></entry></feed>"#;
        assert_eq!(read(atom)[0].id, "1");
        assert_eq!(read("<rss><channel><item><g:id>1</g:id></item></channel></rss>")[0].id, "1");
    }
}
