//! A real Vendure: a shop with products, customers and a checkout, kept in memory. Each test has its own.
//!
//! ```text
//! let shop = Shop::start().await;
//! let teapot = shop.offers("Teapot", "35.00", &["Kitchen"]).await;
//! let mary = shop.registers("mary").await;
//! mary.buys(&teapot, 2).await;
//! ```

use super::client::http_client;
use super::ports::free_port;
use super::process::Process;
use super::synapse::temporary_directory;
use checkout::Order;
use graphql::Visitor;
use rust_decimal::Decimal;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

pub mod checkout;
mod graphql;

/// What stands, in capitals or not, in everything that concerns only the customer and the shop.
pub const CANARY: &str = "CANARY";
/// Who keeps the shop, as tests/vendure/server.js names her.
const ADMINISTRATOR: (&str, &str) = ("superadmin", "the keeper of a throw-away shop");
/// A facet of this name is the shop's own way of sorting what it offers.
const FACET: &str = "Category";

static STARTED: AtomicUsize = AtomicUsize::new(0);

/// A running shop.
pub struct Shop {
    port: u16,
    administrator: Visitor,
    log: PathBuf,
    process: Process,
}

/// Something that the shop offers, or offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The shop's id of it.
    pub id: String,
    /// Its part of addresses.
    pub slug: String,
    /// The id of what is put into a cart.
    pub variant: String,
}

impl Shop {
    /// A shop that offers nothing yet.
    pub async fn start() -> Self {
        Self::run(&[]).await
    }

    /// The same, where sessions are cookies and nothing else, as they are where nothing is configured.
    pub async fn with_cookies() -> Self {
        Self::run(&["cookie"]).await
    }

    async fn run(arguments: &[&str]) -> Self {
        let mut refused = String::new();
        // Somebody else may have taken the port in the meantime.
        for _ in 0..3 {
            match Self::run_on(free_port(), arguments).await {
                Ok(shop) => return shop,
                Err(log) => refused = log,
            }
        }
        panic!("Vendure does not start: {refused}");
    }

    async fn run_on(port: u16, arguments: &[&str]) -> Result<Self, String> {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = temporary_directory().join(format!("vendure-{}-{number}.log", std::process::id()));
        let mut process = Process::start("Vendure", command(port, arguments), &log);
        process.ready(&http_client(), &format!("http://127.0.0.1:{port}/ready")).await?;
        let (name, password) = ADMINISTRATOR;
        let administrator = Visitor::new(port, "admin-api").logs_in(name, password).await;
        Ok(Self { port, administrator, log, process })
    }

    /// The server's address: what is typed for the account.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The secret of whoever keeps the shop, as it is typed.
    pub fn secret() -> String {
        let (name, password) = ADMINISTRATOR;
        format!("{name} {password}")
    }

    /// Offers something, with a price such as `35.00` (in EUR, tax included), in categories of the shop's
    /// own.
    pub async fn offers(&self, name: &str, price: &str, categories: &[&str]) -> Product {
        let mut facets = Vec::new();
        for category in categories {
            facets.push(self.category(category).await);
        }
        let slug = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-");
        let texts = json!([{"languageCode": "en", "name": name, "slug": slug, "description": ""}]);
        let product = json!({"enabled": true, "facetValueIds": facets, "translations": texts});
        let query = "mutation($input:CreateProductInput!){done:createProduct(input:$input){id slug}}";
        let made = self.administrator.does(query, product).await;
        let (id, slug) = (text(&made["id"]), text(&made["slug"]));
        let variant = self.adds_variant(&id, name, price).await;
        Product { id, slug, variant }
    }

    /// Offers another variant of a product; gives its id.
    pub async fn adds_variant(&self, product: &str, name: &str, price: &str) -> String {
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let options = self.options(product, number).await;
        let texts = json!([{"languageCode": "en", "name": name}]);
        let variant = json!([{
            "productId": product, "sku": format!("SKU-{number}"), "price": minor(price), "stockOnHand": 10,
            "optionIds": options, "trackInventory": "TRUE", "translations": texts,
        }]);
        let query = "mutation($input:[CreateProductVariantInput!]!){done:createProductVariants(input:$input){id}}";
        text(&self.administrator.does(query, variant).await[0]["id"])
    }

    /// Asks another price.
    pub async fn reprices(&self, product: &Product, price: &str) {
        self.updates_variant(json!({"id": product.variant, "price": minor(price)})).await;
    }

    /// Has none of it left.
    pub async fn runs_out_of(&self, product: &Product) {
        self.updates_variant(json!({"id": product.variant, "stockOnHand": 0})).await;
    }

    /// Takes a product out of the shop, but keeps it.
    pub async fn disables(&self, product: &Product) {
        let query = "mutation($input:UpdateProductInput!){done:updateProduct(input:$input){id}}";
        self.administrator.does(query, json!({"id": product.id, "enabled": false})).await;
    }

    /// Takes a product out of the shop for ever.
    pub async fn deletes(&self, product: &Product) {
        self.administrator.does("mutation($input:ID!){done:deleteProduct(id:$input){result}}", json!(product.id)).await;
    }

    /// Has the payment that an order waits for.
    pub async fn settles(&self, order: &Order) {
        let query = "query($input:ID!){done:order(id:$input){payments{id}}}";
        let payments = self.administrator.does(query, json!(order.id)).await;
        let query = "mutation($input:ID!){done:settlePayment(id:$input){__typename ...on ErrorResult{message}}}";
        self.administrator.does(query, payments["payments"][0]["id"].clone()).await;
    }

    /// Cancels an order.
    pub async fn cancels(&self, order: &Order) {
        let query = "mutation($input:CancelOrderInput!){done:cancelOrder(input:$input){__typename ...on ErrorResult{message}}}";
        self.administrator.does(query, json!({"orderId": order.id, "reason": CANARY})).await;
    }

    /// Ends all sessions of whoever keeps the shop, and logs her in again here.
    pub async fn ends_sessions(&mut self) {
        self.administrator.asks("mutation{done:logout{success}}", Value::Null).await;
        let (name, password) = ADMINISTRATOR;
        self.administrator = Visitor::new(self.port, "admin-api").logs_in(name, password).await;
    }

    /// The end of the server's log.
    pub fn log_end(&self) -> String {
        self.process.log_end()
    }

    async fn updates_variant(&self, variant: Value) {
        let query = "mutation($input:[UpdateProductVariantInput!]!){done:updateProductVariants(input:$input){id}}";
        self.administrator.does(query, json!([variant])).await;
    }

    /// The id of a category, which is made where there is none.
    async fn category(&self, name: &str) -> String {
        let facet = self.facet().await;
        let values = facet["values"].as_array().into_iter().flatten();
        if let Some(known) = values.into_iter().find(|value| value["name"] == name) {
            return text(&known["id"]);
        }
        let texts = json!([{"languageCode": "en", "name": name}]);
        let value = json!({"facetId": facet["id"], "code": name.to_lowercase().replace(' ', "-"), "translations": texts});
        let query = "mutation($input:CreateFacetValueInput!){done:createFacetValue(input:$input){id}}";
        text(&self.administrator.does(query, value).await["id"])
    }

    /// What all categories are values of.
    async fn facet(&self) -> Value {
        let facets = self.administrator.asks("{done:facets{items{id values{id name}}}}", Value::Null).await;
        if let Some(facet) = facets["items"].get(0) {
            return facet.clone();
        }
        let texts = json!([{"languageCode": "en", "name": FACET}]);
        let facet = json!({"code": FACET.to_lowercase(), "isPrivate": false, "translations": texts, "values": []});
        let query = "mutation($input:CreateFacetInput!){done:createFacet(input:$input){id values{id name}}}";
        self.administrator.does(query, facet).await
    }

    /// What tells a variant from the others of its product: the ids of options, none for a first one.
    async fn options(&self, product: &str, number: usize) -> Vec<String> {
        let query = "query($input:ID!){done:product(id:$input){optionGroups{id options{id}} variants{id}}}";
        let found = self.administrator.does(query, json!(product)).await;
        if found["variants"].as_array().is_none_or(Vec::is_empty) {
            return Vec::new();
        }
        let texts = json!([{"languageCode": "en", "name": format!("Kind {number}")}]);
        let first = json!({"code": "first", "translations": [{"languageCode": "en", "name": "First"}]});
        let other = json!({"code": format!("kind-{number}"), "translations": texts});
        let group = json!({"code": format!("kind-of-{product}-{number}"), "translations": texts, "options": [first, other]});
        let query = "mutation($input:CreateProductOptionGroupInput!){done:createProductOptionGroup(input:$input){id options{id code}}}";
        let group = self.administrator.does(query, group).await;
        let query = "mutation($input:ID!,$group:ID!){done:addOptionGroupToProduct(productId:$input,optionGroupId:$group){id}}";
        self.administrator.asks(query, json!({"input": product, "group": group["id"]})).await;
        let options: Vec<String> = group["options"].as_array().into_iter().flatten().map(|option| text(&option["id"])).collect();
        self.updates_variant(json!({"id": found["variants"][0]["id"], "optionIds": [options[0]]})).await;
        vec![options[1].clone()]
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(fs::remove_file(&self.log));
        }
    }
}

fn command(port: u16, arguments: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendure/server.js"));
    command.arg(port.to_string()).args(arguments);
    command.env("NODE_PATH", folder().join("node_modules")).env("VENDURE_DISABLE_TELEMETRY", "true");
    command.current_dir(temporary_directory());
    command
}

/// Where Vendure is: what scripts/test says, else what it installed before.
fn folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("TRADEPOST_VENDURE") {
        return folder.into();
    }
    let hash = Sha256::digest(include_bytes!("../../vendure/package-lock.json"));
    let hash = hash.iter().take(6).fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
    let folder = temporary_directory().join("../vendure").join(hash);
    assert!(folder.join("complete").exists(), "There is no Vendure to test with: run scripts/test once, it installs one.");
    folder
}

/// `35.00` as the shop counts.
fn minor(price: &str) -> i64 {
    let price: Decimal = price.parse().unwrap_or_else(|_| panic!("{price} is no price"));
    i64::try_from(price * Decimal::ONE_HUNDRED).expect("a price")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text")).to_owned()
}
