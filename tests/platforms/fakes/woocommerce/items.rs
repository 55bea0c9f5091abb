//! Products and orders, and how each interface shows them.

use super::CANARY;
use super::State;
use jiff::Timestamp;
use jiff::tz::Offset;
use serde_json::Value;
use serde_json::json;

/// Something that is offered, or was.
#[derive(Clone, Debug)]
pub struct Product {
    /// What it is called, as HTML.
    pub name: String,
    /// `simple` or `variable`.
    pub sort: &'static str,
    /// What it costs, or the cheapest variant does.
    pub cents: i64,
    /// What it cost before.
    pub regular: i64,
    /// What the dearest variant costs.
    pub up_to: Option<i64>,
    /// `publish`, `draft`, `private` or `trash`.
    pub status: &'static str,
    /// `visible`, `catalog`, `search` or `hidden`.
    pub visibility: &'static str,
    /// Whether it can be had.
    pub in_stock: bool,
    /// The names of its categories, as HTML.
    pub categories: Vec<&'static str>,
    /// When it was made.
    pub created: Timestamp,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// An order of one line.
#[derive(Clone, Debug)]
pub struct Order {
    /// `pending`, `on-hold`, `processing`, `completed`, `cancelled` or `refunded`.
    pub status: &'static str,
    /// When it was made.
    pub created: Timestamp,
    /// When it was paid.
    pub paid: Option<Timestamp>,
    /// When it was last changed.
    pub modified: Timestamp,
    line: u64,
    product: u64,
    name: String,
    quantity: u32,
    cents: i64,
}

impl Product {
    /// Something plain.
    pub fn new(name: &str, cents: i64, now: Timestamp) -> Self {
        Self {
            name: name.to_owned(),
            sort: "simple",
            cents,
            regular: cents,
            up_to: None,
            status: "publish",
            visibility: "visible",
            in_stock: true,
            categories: vec!["Kitchen &amp; Dining"],
            created: now,
            modified: now,
        }
    }

    /// As the Store API has it.
    pub(super) fn open(&self, id: u64, home: &str) -> Value {
        let range = self.up_to.map(|up_to| json!({"min_amount": self.cents.to_string(), "max_amount": up_to.to_string()}));
        json!({
            "id": id, "name": self.name, "slug": format!("product-{id}"), "parent": 0, "type": self.sort, "variation": "",
            "permalink": format!("{home}product/product-{id}/"), "sku": format!("SKU-{id}"), "description": "<p>A product</p>",
            "on_sale": self.regular > self.cents,
            "prices": {
                "price": self.cents.to_string(), "regular_price": self.regular.to_string(), "sale_price": self.cents.to_string(),
                "price_range": range, "currency_code": "EUR", "currency_symbol": "€", "currency_minor_unit": 2,
                "currency_decimal_separator": ",", "currency_thousand_separator": ".", "currency_prefix": "", "currency_suffix": " €"
            },
            "price_html": "<span>…</span>", "average_rating": "0", "review_count": 0,
            "images": [{"id": 9, "src": format!("{home}wp-content/{id}.jpg"), "thumbnail": "", "srcset": "", "sizes": "", "name": "", "alt": ""}],
            "categories": self.categories.iter().map(|name| json!({"id": 15, "name": name, "slug": "x", "link": ""})).collect::<Vec<_>>(),
            "tags": [], "attributes": [], "variations": [], "has_options": false,
            "is_purchasable": true, "is_in_stock": self.in_stock, "low_stock_remaining": null
        })
    }

    /// As the interface for keys has it.
    pub(super) fn keyed(&self, id: u64, home: &str) -> Value {
        let sale = if self.regular > self.cents { decimal(self.cents) } else { String::new() };
        let regular = if self.sort == "simple" { decimal(self.regular) } else { String::new() };
        json!({
            "id": id, "name": self.name, "slug": format!("product-{id}"), "permalink": format!("{home}product/product-{id}/"),
            "date_created": local(self.created), "date_created_gmt": utc(self.created),
            "date_modified": local(self.modified), "date_modified_gmt": utc(self.modified),
            "type": self.sort, "status": self.status, "featured": false, "catalog_visibility": self.visibility,
            "description": "<p>A product</p>", "sku": format!("SKU-{id}"),
            "price": decimal(self.cents), "regular_price": regular, "sale_price": sale,
            "purchasable": true, "stock_status": if self.in_stock { "instock" } else { "outofstock" },
            "purchase_note": CANARY, "parent_id": 0,
            "categories": self.categories.iter().map(|name| json!({"id": 15, "name": name, "slug": "x"})).collect::<Vec<_>>(),
            "images": [{"id": 9, "date_created": local(self.created), "src": format!("{home}wp-content/{id}.jpg"), "name": "", "alt": ""}],
            "meta_data": [{"id": 1, "key": "_supplier", "value": CANARY}]
        })
    }
}

impl Order {
    pub(super) fn new(line: u64, product: u64, sold: &Product, quantity: u32, now: Timestamp) -> Self {
        let (name, cents) = (sold.name.clone(), sold.cents);
        Self { status: "processing", created: now, paid: Some(now), modified: now, line, product, name, quantity, cents }
    }

    /// As the interface for keys has it.
    pub(super) fn keyed(&self, id: u64) -> Value {
        let total = decimal(self.cents * i64::from(self.quantity));
        let person = json!({
            "first_name": CANARY, "last_name": CANARY, "company": CANARY, "address_1": CANARY, "address_2": CANARY, "city": CANARY,
            "state": CANARY, "postcode": CANARY, "country": CANARY, "email": "CANARY@a.example", "phone": CANARY
        });
        let private = json!({
            "order_key": format!("wc_order_{CANARY}"), "customer_id": 4, "customer_ip_address": CANARY, "customer_user_agent": CANARY,
            "customer_note": CANARY, "billing": person, "shipping": person, "payment_method": CANARY, "payment_method_title": CANARY,
            "transaction_id": CANARY, "cart_hash": CANARY, "payment_url": format!("https://shop.example/pay/?key=wc_order_{CANARY}"),
            "meta_data": [{"id": 1, "key": "_vat_number", "value": CANARY}], "refunds": [{"id": 4, "reason": CANARY, "total": "0.00"}],
            "shipping_lines": [{"id": 3, "method_title": CANARY, "meta_data": []}]
        });
        let mut order = json!({
            "id": id, "parent_id": 0, "number": id.to_string(), "created_via": "checkout", "version": "10.4.3", "status": self.status,
            "currency": "EUR", "prices_include_tax": false, "total": total,
            "date_created": local(self.created), "date_created_gmt": utc(self.created),
            "date_modified": local(self.modified), "date_modified_gmt": utc(self.modified),
            "date_paid": self.paid.map(local), "date_paid_gmt": self.paid.map(utc),
            "line_items": [{
                "id": self.line, "name": self.name, "product_id": self.product, "variation_id": 0, "quantity": self.quantity,
                "tax_class": "", "subtotal": total, "subtotal_tax": "0.00", "total": total, "total_tax": "0.00", "taxes": [],
                "meta_data": [{"id": 2, "key": "engraving", "value": CANARY, "display_key": "Engraving", "display_value": CANARY}],
                "sku": "SKU", "price": 19.99, "image": {"id": "", "src": null}, "parent_name": null
            }],
            "tax_lines": [], "fee_lines": [], "coupon_lines": []
        });
        let fields = order.as_object_mut().expect("an object");
        fields.extend(private.as_object().expect("an object").clone());
        order
    }
}

impl State {
    /// The body of what is pushed.
    pub(super) fn payload(&self, topic: &str, id: u64, home: &str) -> Value {
        match topic.split_once('.').expect("a topic") {
            (_, "deleted") => json!({"id": id}),
            ("product", _) => self.products[&id].keyed(id, home),
            _ => self.orders[&id].keyed(id),
        }
    }
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// Without a suffix, as the shop writes UTC.
pub(super) fn utc(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The shop is in China.
pub(super) fn local(at: Timestamp) -> String {
    Offset::constant(8).to_datetime(at).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}
