//! The one thread that writes. It makes up all changes that wait at that moment, one after the other,
//! writes them as one batch, makes it durable with one flush and one sync of the disk, and then
//! answers those who asked. What the changes are is not its business.
//!
//! sled writes its log in at least two pieces for each batch, and once more for each flush, waits
//! for the disk each time and wakes all its threads: of a small batch that is most of the cost.

use crate::faultpoint;
use crate::faultpoint::Point;
use crate::store::Result;
use crate::store::StoreError;
use crate::store::sled::Core;
use crate::store::sled::Memory;
use crate::store::sled::change::Change;
use crate::store::sled::change::Ledger;
use crate::store::sled::change::Writes;
use crate::store::sled::codec::encode;
use crate::store::sled::moment;
use sled::Batch;
use sled::Db;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::MutexGuard;
use std::sync::mpsc;
use std::thread;
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How many changes are written at once, so that the first need not wait long.
const GROUP: usize = 256;

/// A change to be made.
struct Job {
    /// Makes it up, and answers what is to be done when it is durable.
    run: Box<dyn FnOnce(&mut Group<'_>) -> Reply + Send>,
    /// Whether those who wait for changes are to be told of it.
    news: bool,
}

/// Tells somebody what became of her change.
type Reply = Box<dyn FnOnce(Result<()>) + Send>;

/// The changes that are written at once.
struct Group<'a> {
    core: &'a Core,
    memory: MutexGuard<'a, Memory>,
    writes: Writes,
}

/// The thread and the way to it.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread for the database in `directory`.
    pub(super) fn start(core: Arc<Core>, directory: &Path) -> Result<Self> {
        let disk = Disk {
            db: core.tables.db().clone(),
            log: File::open(directory.join("db"))?,
            pages: directory.join("blobs"),
            synced: BTreeSet::new(),
        };
        let (jobs, waiting) = mpsc::channel();
        let builder = thread::Builder::new().name("store-writer".to_owned());
        let thread = builder.spawn(move || serve(&core, disk, &waiting))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread) })
    }

    /// Makes the change that `plan` makes up; returns when it is durable. If it is `news`, those
    /// who wait for changes are told. A caller who stops waiting stops neither.
    pub(super) async fn write<T, P>(&self, news: bool, plan: P) -> Result<T>
    where
        T: Send + 'static,
        P: FnOnce(&Memory, &mut Change<'_>) -> Result<T> + Send + 'static,
    {
        let (answer, wait) = oneshot::channel();
        let run = move |group: &mut Group<'_>| -> Reply {
            let outcome = group.make(plan);
            Box::new(move |durable| {
                // Whoever stopped waiting does not need to know.
                let _ = answer.send(durable.and(outcome));
            })
        };
        if let Some(jobs) = &self.jobs {
            // A thread that has ended drops the job, and the wait below says so.
            let run = Box::new(run);
            let _ = jobs.send(Job { run, news });
        }
        wait.await.unwrap_or_else(|_| Err(StoreError::Failed("the thread that writes the database has ended".into())))
    }
}

impl Drop for Writer {
    /// Ends the thread, which else would hold the database open.
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Group<'_> {
    /// Makes up one change, or leaves everything as it is.
    fn make<T>(&mut self, plan: impl FnOnce(&Memory, &mut Change<'_>) -> Result<T>) -> Result<T> {
        let mut change = Change::new(&self.core.tables, &self.writes, &self.memory);
        let answer = plan(&self.memory, &mut change)?;
        let writes = change.make(&mut self.memory);
        self.writes.extend(writes);
        Ok(answer)
    }

    /// Writes what was made up.
    fn write(self) -> Result<()> {
        if self.writes.is_empty() {
            return Ok(());
        }
        let ledger = Ledger::key().into_bytes();
        self.core.kept.keep(moment::keys(&self.writes).chain([ledger.as_slice()]), &self.core.tables)?;
        let mut batch = Batch::default();
        for (key, write) in self.writes {
            match write {
                Some(bytes) => batch.insert(key, bytes),
                None => batch.remove(key),
            }
        }
        batch.insert(ledger, encode(&self.memory.ledger)?);
        Ok(self.core.tables.db().apply_batch(batch)?)
    }
}

/// Works until nobody can ask any more.
fn serve(core: &Core, mut disk: Disk, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut news = false;
        let mut replies = Vec::new();
        // Held until it is written, so that nobody is given what cannot be read yet.
        let mut group = Group { core, memory: core.memory(), writes: Writes::new() };
        for job in std::iter::once(first).chain(jobs.try_iter()).take(GROUP) {
            news |= job.news;
            replies.push((job.run)(&mut group));
        }
        faultpoint::pass(Point::StoreMade);
        let written = core.check().and_then(|()| group.write()).and_then(|()| disk.sync());
        faultpoint::pass(Point::StoreSynced);
        if let Err(error) = written {
            core.fail(&error);
        }
        if news {
            core.notify();
        }
        for reply in replies {
            reply(core.check());
        }
    }
}

/// What has to reach the disk.
struct Disk {
    db: Db,
    log: File,
    pages: PathBuf,
    synced: BTreeSet<OsString>,
}

impl Disk {
    /// `flush` writes the log but does not sync the file.
    fn sync(&mut self) -> Result<()> {
        faultpoint::pass(Point::StoreWritten);
        self.db.flush()?;
        faultpoint::pass(Point::StoreFlushed);
        self.sync_pages()?;
        self.log.sync_data()?;
        Ok(())
    }

    /// Pages of more than 128 KiB get files of their own, which sled does not sync. There are
    /// hardly ever any.
    fn sync_pages(&mut self) -> io::Result<()> {
        let mut present = BTreeSet::new();
        for entry in fs::read_dir(&self.pages)? {
            present.insert(entry?.file_name());
        }
        let new: Vec<_> = present.difference(&self.synced).collect();
        for name in &new {
            match File::open(self.pages.join(name)) {
                Ok(page) => page.sync_all()?,
                // It has been superseded since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        if !new.is_empty() {
            File::open(&self.pages)?.sync_all()?;
        }
        self.synced = present;
        Ok(())
    }
}
