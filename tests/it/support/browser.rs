//! A real browser as somebody has it on her phone: Chromium without a window, driven by `WebDriver`.
//! It ends with the test.

use super::client::http_client;
use super::process::Process;
use super::process::bound_to_this_thread;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use serde_json::json;
use std::io::Read;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;

/// A phone's page, in CSS pixels.
pub const WIDTH: u32 = 390;
const HEIGHT: u32 = 844;
/// How long something may take until it is there.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked for.
const STEP: Duration = Duration::from_millis(50);
/// By this name an element is passed in `WebDriver`.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser takes as much memory as all else together.
static AT_ONCE: Semaphore = Semaphore::const_new(2);

/// A browser with one page.
pub struct Browser {
    driver: Process,
    http: reqwest::Client,
    port: u16,
    session: String,
    _profile: TempDir,
    _place: SemaphorePermit<'static>,
}

impl Browser {
    /// Opens one whose owner reads `language`.
    pub async fn open(language: &str) -> Self {
        let place = AT_ONCE.acquire().await.expect("it is never closed");
        let profile = tempfile::tempdir().expect("a directory for the browser");
        let mut command = bound_to_this_thread("chromedriver");
        command.arg("--port=0").env("TMPDIR", profile.path());
        let mut driver = Process::start("chromedriver", command, &profile.path().join("driver.log"));
        let port = port_of(&mut driver).await;
        let http = http_client();
        let capabilities = capabilities(profile.path(), language);
        let opened = call(&http, reqwest::Method::POST, port, "session", &capabilities).await;
        let session = opened.unwrap_or_else(|error| panic!("Chromium cannot be started: {error}\n{}", driver.log_end()));
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Self { driver, http, port, session, _profile: profile, _place: place }
    }

    /// Opens a page.
    pub async fn goes_to(&self, url: &str) {
        self.post("url", json!({ "url": url })).await;
    }

    /// Types into the field that `css` selects, instead of what stands there.
    pub async fn types(&self, css: &str, text: &str) {
        let field = self.finds(css).await;
        self.post(&format!("element/{field}/clear"), json!({})).await;
        self.post(&format!("element/{field}/value"), json!({ "text": text })).await;
    }

    /// Touches what `css` selects.
    pub async fn clicks(&self, css: &str) {
        let element = self.finds(css).await;
        self.post(&format!("element/{element}/click"), json!({})).await;
    }

    /// What a person reads there.
    pub async fn text(&self, css: &str) -> String {
        let element = self.finds(css).await;
        let text = self.get(&format!("element/{element}/text")).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until `part` can be read at `css`, on this page or the one that comes.
    pub async fn sees(&self, css: &str, part: &str) {
        let started = Instant::now();
        let mut step = tokio::time::interval(STEP);
        let mut text = String::new();
        while started.elapsed() < PATIENCE {
            step.tick().await;
            // Between two pages an element may be gone before it is read.
            let Ok(element) = self.find(css).await else { continue };
            let Ok(read) = self.try_get(&format!("element/{element}/text")).await else { continue };
            read.as_str().unwrap_or_default().clone_into(&mut text);
            if text.contains(part) {
                return;
            }
        }
        panic!("{css} never said {part}, but {text}");
    }

    /// How many elements `css` selects.
    pub async fn counts(&self, css: &str) -> usize {
        let found = self.post("elements", json!({ "using": "css selector", "value": css })).await;
        found.as_array().expect("elements").len()
    }

    /// How wide and high what `css` selects is, in CSS pixels.
    pub async fn size(&self, css: &str) -> (f64, f64) {
        let element = self.finds(css).await;
        let rectangle = self.get(&format!("element/{element}/rect")).await;
        (rectangle["width"].as_f64().expect("a width"), rectangle["height"].as_f64().expect("a height"))
    }

    /// What a script of the test's own answers, which the page's policy does not concern.
    pub async fn evaluates(&self, script: &str) -> Value {
        self.post("execute/sync", json!({ "script": script, "args": [] })).await
    }

    /// Writes what it shows as a picture, beside what else the tests leave behind.
    pub async fn screenshot(&self, name: &str) {
        let picture = self.get("screenshot").await;
        let picture = BASE64_STANDARD.decode(picture.as_str().expect("a picture")).expect("a picture");
        std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), picture).expect("a picture");
    }

    /// What the browser complained of since it was asked last: violations of the page's policy, what was
    /// not found, errors of scripts.
    pub async fn complaints(&self) -> Vec<String> {
        let entries = self.post("se/log", json!({ "type": "browser" })).await;
        entries.as_array().expect("a log").iter().map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The element that `css` selects, as soon as it is there.
    async fn finds(&self, css: &str) -> String {
        let started = Instant::now();
        let mut step = tokio::time::interval(STEP);
        loop {
            step.tick().await;
            match self.find(css).await {
                Ok(element) => return element,
                Err(error) => assert!(started.elapsed() < PATIENCE, "there is no {css}: {error}"),
            }
        }
    }

    async fn find(&self, css: &str) -> Result<String, String> {
        let wanted = json!({ "using": "css selector", "value": css });
        let found = call(&self.http, reqwest::Method::POST, self.port, &self.path("element"), &wanted).await?;
        Ok(found[ELEMENT].as_str().expect("an element").to_owned())
    }

    async fn get(&self, path: &str) -> Value {
        self.try_get(path).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    async fn try_get(&self, path: &str) -> Result<Value, String> {
        call(&self.http, reqwest::Method::GET, self.port, &self.path(path), &Value::Null).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = call(&self.http, reqwest::Method::POST, self.port, &self.path(path), &body).await;
        answer.unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn path(&self, path: &str) -> String {
        format!("session/{}/{path}", self.session)
    }

    /// Ends the session: the driver closes the browser. Without a runtime, which may be ending.
    fn close(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        write!(stream, "DELETE /session/{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", self.session)?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the browser's driver: {}", self.driver.log_end());
        }
        let _ = self.close();
    }
}

/// The port that the driver says it took.
async fn port_of(driver: &mut Process) -> u16 {
    let started = Instant::now();
    let mut step = tokio::time::interval(STEP);
    loop {
        step.tick().await;
        let log = driver.log_end();
        let port = log.split("on port ").skip(1).filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok());
        if let Some(port) = port.into_iter().find(|port| *port != 0) {
            return port;
        }
        assert!(driver.ended().is_none() && started.elapsed() < PATIENCE, "chromedriver does not start:\n{log}");
    }
}

/// A phone, without a window and without anything that the browser does by itself.
fn capabilities(profile: &Path, language: &str) -> Value {
    let arguments = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        // It ends with its driver, whatever ended that.
        "--remote-debugging-pipe",
    ];
    let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
    arguments.push(format!("--user-data-dir={}", profile.join("profile").display()));
    arguments.push(format!("--accept-lang={language}"));
    let phone = json!({ "width": WIDTH, "height": HEIGHT, "pixelRatio": 2.0, "touch": true, "mobile": true });
    json!({ "capabilities": { "alwaysMatch": {
        "goog:loggingPrefs": { "browser": "ALL" },
        "goog:chromeOptions": { "args": arguments, "mobileEmulation": { "deviceMetrics": phone } },
    } } })
}

async fn call(http: &reqwest::Client, method: reqwest::Method, port: u16, path: &str, body: &Value) -> Result<Value, String> {
    let mut request = http.request(method, format!("http://127.0.0.1:{port}/{path}"));
    if !body.is_null() {
        request = request.header("content-type", "application/json").body(body.to_string());
    }
    let answer = request.send().await.map_err(|error| error.to_string())?;
    let is_success = answer.status().is_success();
    let text = answer.text().await.map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    let value = answer["value"].clone();
    if is_success { Ok(value) } else { Err(value["message"].as_str().unwrap_or(&text).to_owned()) }
}
