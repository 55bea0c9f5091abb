//! Lines as systemd's journal likes them: it keeps the time itself, and learns the level from a number in
//! front of each line (`man 3 sd-daemon`).

use std::fmt;
use std::fs::File;
use std::os::fd::AsFd;
use std::os::unix::fs::MetadataExt;
use tracing::Event;
use tracing::Level;
use tracing::Subscriber;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::FormatEvent;
use tracing_subscriber::fmt::FormatFields;
use tracing_subscriber::fmt::format::Format;
use tracing_subscriber::fmt::format::Full;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::registry::LookupSpan;

/// Names device and inode of what the journal reads.
const VARIABLE: &str = "JOURNAL_STREAM";

/// Writes each line of an event behind its level, and without the time.
pub(super) struct Lines(Format<Full, ()>);

impl Default for Lines {
    fn default() -> Self {
        Self(Format::default().without_time().with_ansi(false))
    }
}

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let mut text = String::new();
        self.0.format_event(context, Writer::new(&mut text), event)?;
        let level = prefix(*event.metadata().level());
        text.lines().try_for_each(|line| writeln!(writer, "{level}{line}"))
    }
}

/// What stands in front of a line of this level, if standard error leads to the journal.
#[must_use]
pub fn level(level: Level) -> &'static str {
    if is_behind_stderr() { prefix(level) } else { "" }
}

const fn prefix(level: Level) -> &'static str {
    match level {
        Level::ERROR => "<3>",
        Level::WARN => "<4>",
        Level::INFO => "<6>",
        Level::DEBUG | Level::TRACE => "<7>",
    }
}

/// Whether standard error leads to the journal.
pub(super) fn is_behind_stderr() -> bool {
    let Ok(stream) = std::env::var(VARIABLE) else { return false };
    let stderr = std::io::stderr().as_fd().try_clone_to_owned().map(File::from);
    stderr.and_then(|file| file.metadata()).is_ok_and(|data| stream == format!("{}:{}", data.dev(), data.ino()))
}

#[cfg(test)]
mod tests {
    use super::Lines;
    use std::io::Write;
    use std::sync::Arc;
    use std::sync::Mutex;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn each_line_begins_with_its_level_and_has_no_time() {
        let written = Written::default();
        let writer = written.clone();
        let lines = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_max_level(tracing::Level::TRACE);
        tracing::subscriber::with_default(lines.event_format(Lines::default()).finish(), || {
            tracing::error!("one");
            tracing::warn!(error = %"of two\nlines", "two");
            tracing::info!("three");
            tracing::debug!("four");
            tracing::trace!("five");
        });
        let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        let levels: Vec<&str> = text.lines().map(|line| line.split_at(3).0).collect();
        assert_eq!(levels, ["<3>", "<4>", "<4>", "<6>", "<7>", "<7>"], "{text}");
        assert!(text.starts_with("<3>ERROR tradepost::telemetry::journal::tests: one\n"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
