//! Logs and metrics: how the program's own lines are written, and the one catalogue of what it counts.
//! It knows nothing of what is counted; whoever does the thing counts it.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use serde::Deserialize;
use std::fmt::Write;
use std::io::IsTerminal;
use std::marker::PhantomData;
use std::sync::OnceLock;
use std::time::Duration;
use strum::IntoEnumIterator;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

mod journal;

pub use journal::level as journal_level;

/// The content type of what [`encode`] returns.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// What stands before every metric's name.
const PREFIX: &str = "tradepost";

/// The environment variable that replaces the configured level, in the syntax of tracing's `EnvFilter`.
const FILTER_VARIABLE: &str = "RUST_LOG";

/// How much is logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, strum::IntoStaticStr, strum::VariantNames)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Level {
    /// What needs the operator.
    Error,
    /// What may need her.
    Warn,
    /// What happens, without what it is about.
    #[default]
    Info,
    /// What is done and with what.
    Debug,
    /// Everything.
    Trace,
}

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, strum::VariantNames)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Format {
    /// For reading.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The environment's filter is not one.
    #[error("the environment variable {FILTER_VARIABLE} is not a filter")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody has done it before.
    #[error("logging has been set up already")]
    Repeated(#[from] tracing_subscriber::util::TryInitError),
}

/// Sends this process's log to standard error. Libraries speak from `warn` on; `RUST_LOG` replaces both. Where
/// that leads to the journal, which knows the time by itself, lines for reading are written as it likes them.
pub fn init(level: Level, format: Format) -> Result<(), TelemetryError> {
    let filter = std::env::var(FILTER_VARIABLE).ok().filter(|filter| !filter.is_empty()).unwrap_or_else(|| default_filter(level));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_new(filter)?)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        Format::Human if journal::is_behind_stderr() => lines.event_format(journal::Lines::default()).finish().try_init()?,
        Format::Human => lines.finish().try_init()?,
        Format::Json => lines.json().flatten_event(true).finish().try_init()?,
    }
    Ok(())
}

fn default_filter(level: Level) -> String {
    let libraries = if level == Level::Error { Level::Error } else { Level::Warn };
    format!("{},tradepost={}", <&str>::from(libraries), <&str>::from(level))
}

/// A counter for each outcome that a thing can have; all of them stand at 0 from the start.
#[derive(Clone, Debug)]
pub struct Outcomes<Outcome> {
    counters: Family<[(&'static str, &'static str); 1], Counter>,
    outcome: PhantomData<fn(Outcome)>,
}

impl<Outcome: Into<&'static str>> Outcomes<Outcome> {
    /// The counter of one outcome.
    pub fn with(&self, outcome: Outcome) -> Counter {
        self.counters.get_or_create_owned(&[("outcome", outcome.into())])
    }
}

/// A number for each kind of thing. Which kinds there are is known to whoever counts them.
#[derive(Clone, Debug)]
pub struct Kinds<Number>(Family<[(&'static str, &'static str); 1], Number>);

/// The kind that stands there before anything is counted, so that the metric is never missing.
const FIRST_KIND: &str = "trade";

impl Kinds<Counter> {
    /// Counts so many more of a kind.
    pub fn add(&self, kind: &'static str, more: u64) {
        self.0.get_or_create_owned(&[("kind", kind)]).inc_by(more);
    }
}

impl Kinds<Gauge> {
    /// Sets how many there are of a kind.
    pub fn set(&self, kind: &'static str, count: u64) {
        self.0.get_or_create_owned(&[("kind", kind)]).set(i64::try_from(count).unwrap_or(i64::MAX));
    }
}

/// How long something took.
#[derive(Clone, Debug)]
pub struct Seconds(Histogram);

impl Seconds {
    /// Records one more.
    pub fn observe(&self, took: Duration) {
        self.0.observe(took.as_secs_f64());
    }
}

macro_rules! outcomes {
    ($($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, strum::EnumIter, strum::IntoStaticStr)]
        #[strum(serialize_all = "lowercase")]
        pub enum $name {
            $($(#[$variant_doc])* $variant),*
        }
    )*};
}

outcomes! {
    /// What became of a command.
    CommandOutcome {
        /// Carried out.
        Done,
        /// Not understood, not allowed or not possible: the person was told why.
        Refused,
        /// Our fault.
        Failed,
    }
    /// What became of a poll.
    PollOutcome {
        /// Something was there that had not been seen.
        Changed,
        /// Nothing new.
        Unchanged,
        /// No answer, or none that could be read.
        Failed,
    }
    /// What became of something that a platform sent by itself.
    PushOutcome {
        /// It was read and stored.
        Taken,
        /// It was not as it must be, or not for anybody.
        Refused,
        /// The platform was asked to send it again later.
        Deferred,
    }
    /// What became of an attempt at a delivery.
    DeliveryOutcome {
        /// The homeserver has it.
        Done,
        /// The room was no longer the right one.
        Withheld,
        /// Not now.
        Retried,
        /// Never: it is kept with its reason.
        Buried,
    }
    /// What became of a request to the homeserver.
    RequestOutcome {
        /// Answered with success.
        Ok,
        /// Failed in a way that may pass.
        Retry,
        /// Refused.
        Fail,
    }
}

/// A kind of metric: how one is made, registered and described.
trait Measure: Sized {
    /// Its `OpenMetrics` type.
    const KIND: &'static str;
    /// What the format puts behind its name.
    const SUFFIX: &'static str = "";
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self;
    fn label_values() -> Vec<&'static str> {
        Vec::new()
    }
}

impl Measure for Counter {
    const KIND: &'static str = "counter";
    const SUFFIX: &'static str = "_total";
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let counter = Self::default();
        registry.register(name, help, counter.clone());
        counter
    }
}

impl Measure for Gauge {
    const KIND: &'static str = "gauge";
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let gauge = Self::default();
        registry.register(name, help, gauge.clone());
        gauge
    }
}

impl Measure for Seconds {
    const KIND: &'static str = "histogram";
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0];
        let histogram = Histogram::new(buckets);
        registry.register(name, help, histogram.clone());
        Self(histogram)
    }
}

impl Measure for Kinds<Counter> {
    const KIND: &'static str = Counter::KIND;
    const SUFFIX: &'static str = Counter::SUFFIX;
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let kinds = Self(Family::default());
        kinds.add(FIRST_KIND, 0);
        registry.register(name, help, kinds.0.clone());
        kinds
    }
}

impl Measure for Kinds<Gauge> {
    const KIND: &'static str = Gauge::KIND;
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let kinds = Self(Family::default());
        kinds.set(FIRST_KIND, 0);
        registry.register(name, help, kinds.0.clone());
        kinds
    }
}

impl<Outcome: Into<&'static str> + IntoEnumIterator> Measure for Outcomes<Outcome> {
    const KIND: &'static str = "counter";
    const SUFFIX: &'static str = "_total";
    fn register(registry: &mut Registry, name: &str, help: &str) -> Self {
        let outcomes = Self { counters: Family::default(), outcome: PhantomData };
        Outcome::iter().for_each(|outcome| drop(outcomes.with(outcome)));
        registry.register(name, help, outcomes.counters.clone());
        outcomes
    }
    fn label_values() -> Vec<&'static str> {
        Outcome::iter().map(Into::into).collect()
    }
}

/// A line of the catalogue, for the list of metrics in the documentation.
struct Entry {
    name: String,
    kind: &'static str,
    outcomes: Vec<&'static str>,
    help: String,
}

/// Each field is a metric, and its documentation is the help text that Prometheus shows.
macro_rules! catalogue {
    ($($(#[doc = $help:literal])+ $name:ident: $measure:ty,)*) => {
        /// Everything that is counted.
        #[derive(Debug)]
        pub struct Metrics {
            registry: Registry,
            $($(#[doc = $help])+ pub $name: $measure,)*
        }

        impl Metrics {
            fn new() -> Self {
                let mut registry = Registry::with_prefix(PREFIX);
                $(let $name = <$measure as Measure>::register(&mut registry, stringify!($name), &help(&[$($help),+]));)*
                Self { registry, $($name,)* }
            }

            fn entries() -> Vec<Entry> {
                vec![$(Entry {
                    name: format!("{PREFIX}_{}{}", stringify!($name), <$measure as Measure>::SUFFIX),
                    kind: <$measure as Measure>::KIND,
                    outcomes: <$measure as Measure>::label_values(),
                    help: help(&[$($help),+]),
                },)*]
            }
        }
    };
}

catalogue! {
    /// Transactions taken from the homeserver.
    transactions: Counter,
    /// Events in these transactions that had not been seen before.
    events: Counter,
    /// Events that the homeserver pushed again; nothing is done twice.
    events_repeated: Counter,
    /// Events that are stored and not yet worked off.
    events_waiting: Gauge,
    /// Encrypted events that are kept until their key comes.
    parked_events: Gauge,
    /// 1: the bot can talk in encrypted rooms. 0: what is for them waits.
    encryption_ready: Gauge,
    /// Commands of people.
    commands: Outcomes<CommandOutcome>,
    /// People who share something.
    sharers: Gauge,
    /// Contacts of all sharers, but for those who were taken off.
    contacts: Gauge,
    /// Sharers who are gone: they may not share any more, left, or were deactivated. Nothing of theirs is
    /// polled, and after `retention.erase_gone_after_days` they are erased.
    sharers_gone: Gauge,
    /// Sharers who were erased since they were gone for long.
    sharers_erased: Counter,
    /// Shops and feeds that are polled.
    sources: Gauge,
    /// Polls of shops and feeds.
    polls: Outcomes<PollOutcome>,
    /// What platforms sent by themselves.
    pushes: Outcomes<PushOutcome>,
    /// Trades seen for the first time, whether or not anybody is told of them.
    trades_found: Counter,
    /// Attempts to do something in a room.
    deliveries: Outcomes<DeliveryOutcome>,
    /// Deliveries that are still to be done.
    deliveries_waiting: Gauge,
    /// Deliveries that were given up and are kept with their reason.
    deliveries_buried: Gauge,
    /// Time from a delivery's commit until the homeserver had it, waiting times of rooms included.
    delivery_seconds: Seconds,
    /// Requests to the homeserver.
    homeserver_requests: Outcomes<RequestOutcome>,
    /// Time that requests to the homeserver took.
    homeserver_request_seconds: Seconds,
    /// Whether the homeserver answered the last request (1) or not (0).
    homeserver_reachable: Gauge,
    /// What was forgotten since it was older than it needed to be, by `kind`.
    forgotten: Kinds<Counter>,
    /// How much is kept of what is forgotten some day, by `kind`, as it was when that was looked at last.
    kept: Kinds<Gauge>,
    /// Size of the store on the disk.
    store_bytes: Gauge,
}

impl Metrics {
    fn encode(&self) -> String {
        let mut text = String::new();
        if let Err(error) = prometheus_client::encoding::text::encode(&mut text, &self.registry) {
            tracing::error!(%error, "the metrics cannot be written");
        }
        text
    }
}

/// A doc comment's lines as one text, without the full stop that the encoder adds.
fn help(lines: &[&str]) -> String {
    let words: Vec<&str> = lines.iter().map(|line| line.trim()).collect();
    words.join(" ").trim_end_matches('.').to_owned()
}

/// This process's metrics.
pub fn metrics() -> &'static Metrics {
    static METRICS: OnceLock<Metrics> = OnceLock::new();
    METRICS.get_or_init(Metrics::new)
}

/// All metrics as they stand, as `OpenMetrics` text.
#[must_use]
pub fn encode() -> String {
    metrics().encode()
}

/// The catalogue as the Markdown page docs/METRICS.md.
#[must_use]
pub fn listing() -> String {
    let mut page = "# Metrics\n\nAt `/metrics`, in the OpenMetrics text format. This page is generated from \
                    src/telemetry.rs: after a change there, `UPDATE=1 cargo test` writes it anew.\n\n\
                    | metric | type | `outcome` | what it says |\n|---|---|---|---|\n"
        .to_owned();
    for entry in Metrics::entries() {
        let outcomes = entry.outcomes.join(", ");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "| `{}` | {} | {} | {} |", entry.name, entry.kind, outcomes, entry.help);
    }
    page
}

#[cfg(test)]
mod tests {
    use super::CommandOutcome;
    use super::Level;
    use super::Metrics;
    use super::default_filter;

    #[test]
    fn every_metric_of_the_catalogue_is_encoded_with_its_doc_comment_as_help() {
        let text = Metrics::new().encode();
        for entry in Metrics::entries() {
            let family = entry.name.trim_end_matches("_total");
            assert!(text.contains(&format!("# HELP {family} {}.\n", entry.help)), "{family}");
            assert!(text.contains(&format!("# TYPE {family} {}\n", entry.kind)), "{family}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn outcomes_are_counted_apart_and_start_at_zero() {
        let metrics = Metrics::new();
        metrics.commands.with(CommandOutcome::Refused).inc();
        let text = metrics.encode();
        assert!(text.contains("tradepost_commands_total{outcome=\"refused\"} 1\n"));
        assert!(text.contains("tradepost_commands_total{outcome=\"failed\"} 0\n"));
    }

    #[test]
    fn libraries_are_quiet_below_warnings() {
        assert_eq!(default_filter(Level::Debug), "warn,tradepost=debug");
        assert_eq!(default_filter(Level::Error), "error,tradepost=error");
    }
}
