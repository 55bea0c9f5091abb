//! A real shop: django-oscar with django-oscar-api, each test with its own, on 127.0.0.1. Its files are
//! in tests/oscar. People buy at its own checkout; what a shopkeeper does by hand is done in a back room.

use super::client::http_client;
use super::ports::free_port;
use super::process::Process;
use super::synapse::python;
use super::synapse::temporary_directory;
use serde_json::Value;
use serde_json::json;
use sha2::Digest;
use sha2::Sha256;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use tempfile::TempDir;
use tokio::sync::OnceCell;
use toml::Table;
use toml::toml;

/// The account of the shop's staff that tradepost has, with the permissions that it needs.
pub const STAFF: &str = "tradepost";
/// Everybody's password.
pub const PASSWORD: &str = "a password at the shop";
/// A buyer's phone number: the shop refuses any that is none.
pub const PHONE: &str = "+8613800138000";

const REQUIREMENTS: &[u8] = include_bytes!("../../../scripts/oscar-requirements.txt");
const SETTINGS: &[u8] = include_bytes!("../../oscar/settings.py");
const STARTER: &[u8] = include_bytes!("../../oscar/shop.py");
/// What the documentation tells operators to allow.
const PERMISSIONS: [&str; 4] = ["auth.view_user", "order.view_order", "order.view_line", "catalogue.view_product"];

static TEMPLATE: OnceCell<PathBuf> = OnceCell::const_new();

/// A running shop; it ends with this value.
pub struct Oscar {
    http: reqwest::Client,
    port: u16,
    _process: Process,
    _directory: TempDir,
}

/// Something on its shelf.
#[derive(Clone, Debug)]
pub struct Product {
    /// Its number.
    pub id: u64,
    /// Its page.
    pub link: String,
}

impl Oscar {
    /// An empty shop as django-oscar-api is without further settings, but for the interface for staff.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// One whose interface answers in pages of this many.
    pub async fn with_pages_of(size: u32) -> Self {
        Self::start_with(&[("OSCAR_PAGE_SIZE", &size.to_string())]).await
    }

    /// One that has not opened its interface for staff.
    pub async fn closed() -> Self {
        Self::start_with(&[("OSCAR_ADMIN_API", "blocked")]).await
    }

    async fn start_with(environment: &[(&str, &str)]) -> Self {
        let template = TEMPLATE.get_or_init(template).await;
        let directory = tempfile::Builder::new().prefix("oscar-").tempdir_in(temporary_directory()).expect("a directory for a shop");
        let database = directory.path().join("shop.sqlite");
        std::fs::copy(template, &database).expect("a copy of the empty shop");
        let http = http_client();
        let mut refused = String::new();
        // Somebody else may have taken the port in the meantime.
        for _ in 0..3 {
            let port = free_port();
            let mut command = python_with_oscar();
            command.arg("serve").arg(&database).arg(port.to_string()).envs(environment.iter().copied());
            let mut process = Process::start("django-oscar", command, &directory.path().join("shop.log"));
            match process.ready(&http, &format!("http://127.0.0.1:{port}/backroom/ready")).await {
                Ok(()) => {
                    let shop = Self { http, port, _process: process, _directory: directory };
                    shop.keeper(&["users"], json!({"name": STAFF, "password": PASSWORD, "staff": true, "permissions": PERMISSIONS})).await;
                    return shop;
                }
                Err(log) => refused = log,
            }
        }
        panic!("django-oscar does not start: {refused}");
    }

    /// Where it is.
    pub fn address(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    /// tradepost's configuration for it, whose operator is the Matrix user `operator`, if anybody.
    pub fn config(&self, operator: Option<&str>) -> Table {
        let address = self.address();
        let mut config = toml! {
            [platforms.oscar]
            interval_seconds = 1
        };
        let section = config["platforms"]["oscar"].as_table_mut().expect("a section");
        section.insert("address".to_owned(), address.into());
        section.insert("username".to_owned(), STAFF.into());
        section.insert("password".to_owned(), PASSWORD.into());
        section.extend(operator.map(|operator| ("operator".to_owned(), operator.into())));
        config
    }

    /// Somebody gets an account of this name.
    pub async fn knows(&self, name: &str) {
        self.keeper(&["users"], json!({"name": name, "password": PASSWORD})).await;
    }

    /// An account gets another name.
    pub async fn renames(&self, name: &str, new: &str) {
        self.keeper(&["users", name], json!({"name": new})).await;
    }

    /// Puts ten of something on the shelf.
    pub async fn offers(&self, title: &str, price: &str, category: &str) -> Product {
        self.offers_this(json!({"title": title, "price": price, "category": category})).await
    }

    /// The same with all that can be said of it: title, price, currency, stock, category, picture,
    /// public, structure and parent.
    pub async fn offers_this(&self, product: Value) -> Product {
        let made = self.keeper(&["products"], product).await;
        let page = made["page"].as_str().expect("a page").trim_start_matches('/');
        Product { id: made["id"].as_u64().expect("a number"), link: format!("{}{page}", self.address()) }
    }

    /// Changes `price`, `stock` or `public` of a product, or takes it away altogether: `deleted`.
    pub async fn changes(&self, product: &Product, what: Value) {
        self.keeper(&["products", &product.id.to_string()], what).await;
    }

    /// Says how an order stands.
    pub async fn order_stands(&self, number: &str, status: &str) {
        self.keeper(&["orders", number], json!({"status": status})).await;
    }

    /// Somebody buys products at the shop's checkout, and has them sent to where nobody else may know.
    /// Gives the order's number.
    pub async fn sells_to(&self, person: &str, products: &[(&Product, u32)]) -> String {
        for (product, quantity) in products {
            let product = format!("{}api/products/{}/", self.address(), product.id);
            self.buyer(person, "basket/add-product/", Some(json!({"url": product, "quantity": quantity}))).await;
        }
        let basket = self.buyer(person, "basket/", None).await;
        let address = json!({
            "country": format!("{}api/countries/CN/", self.address()),
            "title": "Ms",
            "first_name": "CANARY first name",
            "last_name": "CANARY last name",
            "line1": "CANARY street",
            "line2": "CANARY house",
            "line4": "CANARY town",
            "state": "CANARY province",
            "postcode": "CANARY postcode",
            "phone_number": PHONE,
            "notes": "CANARY note",
        });
        let checkout = json!({"basket": basket["url"], "shipping_address": address, "billing_address": without_phone(&address)});
        let order = self.buyer(person, "checkout/", Some(checkout)).await;
        order["number"].as_str().unwrap_or_else(|| panic!("no order, but {order}")).to_owned()
    }

    /// What somebody without an account sees at an address of the shop: the status.
    pub async fn status_of(&self, address: &str) -> u16 {
        self.http.get(address).send().await.expect("an answer of the shop").status().as_u16()
    }

    async fn keeper(&self, path: &[&str], what: Value) -> Value {
        let mut address = url::Url::parse(&self.address()).expect("an address");
        address.path_segments_mut().expect("a path").pop_if_empty().push("backroom").extend(path);
        call(self.http.post(address).body(what.to_string())).await
    }

    async fn buyer(&self, person: &str, path: &str, what: Option<Value>) -> Value {
        let address = format!("{}api/{path}", self.address());
        let request = match what {
            Some(what) => self.http.post(address).body(what.to_string()),
            None => self.http.get(address),
        };
        call(request.basic_auth(person, Some(PASSWORD))).await
    }
}

/// Billing addresses have neither phone nor notes.
fn without_phone(address: &Value) -> Value {
    let mut address = address.clone();
    let fields = address.as_object_mut().expect("an address");
    fields.retain(|name, _| !matches!(name.as_str(), "phone_number" | "notes"));
    address
}

async fn call(request: reqwest::RequestBuilder) -> Value {
    let response = request.header("content-type", "application/json").send().await.expect("an answer of the shop");
    let (address, status) = (response.url().clone(), response.status());
    let text = response.text().await.expect("an answer of the shop");
    assert!(status.is_success(), "{address}: {status} {text}");
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("{address}: {text}"))
}

fn python_with_oscar() -> Command {
    let mut command = Command::new(python("TRADEPOST_OSCAR_PYTHON", "oscar", REQUIREMENTS));
    command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oscar/shop.py")).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// The database of an empty shop, made once for the same shop. Its name says which one it is.
async fn template() -> PathBuf {
    let hash = [REQUIREMENTS, SETTINGS, STARTER].iter().fold(Sha256::new(), Digest::chain_update).finalize();
    let name = hash.iter().take(6).fold("oscar-".to_owned(), |name, byte| format!("{name}{byte:02x}"));
    let database = temporary_directory().join(format!("{name}.sqlite"));
    if database.exists() {
        return database;
    }
    let directory = tempfile::Builder::new().prefix("oscar-").tempdir_in(temporary_directory()).expect("a directory for a shop");
    let fresh = directory.path().join("shop.sqlite");
    let mut command = python_with_oscar();
    command.arg("template").arg(&fresh);
    let made = tokio::task::spawn_blocking(move || command.output()).await.expect("a thread").expect("Python with django-oscar");
    assert!(made.status.success(), "no shop: {}", String::from_utf8_lossy(&made.stderr));
    // Another test run may have been quicker; it made the same.
    std::fs::rename(&fresh, &database).expect("a place for the empty shop");
    database
}
