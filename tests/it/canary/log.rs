//! What is logged, kept to be looked through.

use std::io::Write;
use std::sync::Arc;
use std::sync::Mutex;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::SubscriberInitExt;

/// What was logged on this thread as long as it is there: everything of tradepost's, and of libraries all that
/// an operator could switch on without reading their traffic itself.
pub(super) struct Log {
    lines: Lines,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Log {
    pub(super) fn kept() -> Self {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_env_filter(EnvFilter::new("debug,tradepost=trace"))
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        Self { lines, _guard: subscriber.set_default() }
    }

    pub(super) fn lines(&self) -> String {
        String::from_utf8(self.lines.0.lock().unwrap().clone()).unwrap()
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.lines();
            let last: Vec<&str> = lines.lines().rev().take(30).collect();
            eprintln!("the last lines of the log, the newest first:\n{}", last.join("\n"));
        }
    }
}
