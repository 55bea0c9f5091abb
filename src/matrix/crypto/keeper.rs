//! The machines of all devices that are ours: the bot's, and those of the sharers who share in their
//! own name in encrypted rooms.

use super::CryptoError;
use super::Machine;
use super::Started;
use super::Trust;
use super::bot;
use super::narrow::KeptRooms;
use super::narrow::Narrow;
use crate::domain::ids::UserId;
use crate::domain::own_name::DeviceState;
use crate::domain::sharer::Sharer;
use crate::matrix::client::Client;
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use matrix_sdk_crypto::OlmMachine;
use matrix_sdk_crypto::store::DynCryptoStore;
use sha2::Digest;
use sha2::Sha256;
use std::collections::HashMap;
use std::path::Path;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::PoisonError;
use std::sync::RwLock;
use tokio::sync::Mutex;
use tokio::sync::Notify;
use zeroize::Zeroizing;

/// Opens a database of keys in a directory, or makes it, sealed with a key.
pub type OpenKeys = fn(PathBuf, Zeroizing<[u8; 32]>) -> Pin<Box<dyn Future<Output = Result<Arc<DynCryptoStore>, String>> + Send>>;

/// How a database of keys is sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealing {
    /// There is none.
    Absent,
    /// With the newest key.
    Newest,
    /// With a former one.
    Former,
    /// With none of these keys.
    Unopened,
}

/// Says how the database in a directory is sealed, and unless it is only to look, seals it with the first of
/// the keys. Nobody else may use it meanwhile.
pub type ResealKeys = fn(&Path, &[Zeroizing<[u8; 32]>], bool) -> Result<Sealing, String>;

/// How encryption is set up.
#[derive(Clone)]
pub struct Settings {
    /// Whether encrypted rooms are entered at all.
    pub allow: bool,
    /// Where the databases of keys are, one for each device.
    pub directory: PathBuf,
    /// Opens one.
    pub open: OpenKeys,
    /// What they are sealed with: the first one seals, and while a key is being changed others open too.
    pub keys: Vec<Zeroizing<[u8; 32]>>,
    /// Whose devices get keys and may command.
    pub trust: Trust,
}

/// How the bot's encryption stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Health {
    /// The operator does not want it.
    Off,
    /// It is being set up.
    Starting,
    /// It works.
    Ready,
    /// It does not work.
    Broken(String),
}

/// All machines.
pub struct Crypto {
    settings: Settings,
    client: Client,
    bot: RwLock<(Option<Arc<Machine>>, Health)>,
    people: Mutex<HashMap<UserId, Arc<Machine>>>,
    gone: Notify,
}

impl Crypto {
    /// None is opened yet. `client` acts as the bot.
    #[must_use]
    pub fn new(client: Client, settings: Settings) -> Self {
        let health = if settings.allow { Health::Starting } else { Health::Off };
        Self { settings, client, bot: RwLock::new((None, health)), people: Mutex::default(), gone: Notify::new() }
    }

    /// Without encryption: encrypted rooms are left alone.
    #[must_use]
    pub fn off(client: Client) -> Self {
        let open: OpenKeys = |_, _| Box::pin(std::future::ready(Err("encryption is off".to_owned())));
        let settings = Settings { allow: false, directory: PathBuf::new(), open, keys: Vec::new(), trust: Trust::default() };
        Self::new(client, settings)
    }

    /// Whether encrypted rooms are entered at all.
    #[must_use]
    pub const fn is_allowed(&self) -> bool {
        self.settings.allow
    }

    /// How the bot's encryption stands.
    #[must_use]
    pub fn health(&self) -> Health {
        self.bot.read().unwrap_or_else(PoisonError::into_inner).1.clone()
    }

    /// Records how it stands.
    pub fn set_health(&self, health: Health) {
        self.bot.write().unwrap_or_else(PoisonError::into_inner).1 = health;
    }

    /// The bot's machine; none where it is off or has not started.
    #[must_use]
    pub fn bot(&self) -> Option<Arc<Machine>> {
        self.bot.read().unwrap_or_else(PoisonError::into_inner).0.clone()
    }

    /// Opens the bot's device or makes it a new one. `identity` are its cross-signing keys as they were kept.
    pub async fn start_bot(&self, identity: Option<&str>) -> Result<(Arc<Machine>, Started), CryptoError> {
        self.bot.write().unwrap_or_else(PoisonError::into_inner).0 = None;
        let (machine, started) = bot::start(&self.client, &self.settings, identity).await?;
        let machine = Arc::new(machine);
        *self.bot.write().unwrap_or_else(PoisonError::into_inner) = (Some(Arc::clone(&machine)), Health::Ready);
        Ok((machine, started))
    }

    /// The homeserver does not know the bot's device any more: whoever serves it looks after it.
    pub fn bot_is_gone(&self) {
        self.gone.notify_one();
    }

    /// Ends when somebody says so.
    pub async fn until_bot_is_gone(&self) {
        self.gone.notified().await;
    }

    /// The machine of the device that a sharer has at tradepost; its keys are published when this
    /// returns. None where she has none or has not agreed, or encryption is off. It keeps only the keys of the rooms in which
    /// she shares in her own name now.
    pub async fn of(&self, sharer: &Sharer) -> Result<Option<Arc<Machine>>, CryptoError> {
        let device = sharer.own_name.as_ref().and_then(|own_name| own_name.device.as_ref());
        let (Some(device), Some(client), true) = (device, self.client.acting_for(sharer), self.settings.allow) else { return Ok(None) };
        let mut people = self.people.lock().await;
        if let Some(machine) = people.get(&sharer.id).filter(|machine| machine.device() == device.id) {
            machine.keep_only(sharer.rooms_as_herself());
            return Ok(Some(Arc::clone(machine)));
        }
        let path = self.path_of(&sharer.id, &device.id);
        if device.state != DeviceState::Plain && !path.is_dir() {
            return Err(CryptoError::Lost);
        }
        let kept = KeptRooms::default();
        kept.set(sharer.rooms_as_herself());
        let store = Narrow::new(bot::open_store(&path, &self.settings).await?, kept.clone());
        store.destroy_others().await?;
        let olm = OlmMachine::with_store(client.acting_user(), device.id.as_str().into(), store, None).await?;
        let machine = Arc::new(Machine::new(olm, client, self.settings.trust, Some(kept)));
        machine.send_outgoing().await?;
        machine.learn(&sharer.id).await?;
        people.insert(sharer.id.clone(), Arc::clone(&machine));
        Ok(Some(machine))
    }

    /// Forgets a device of a person, and removes its keys.
    pub async fn forget(&self, person: &UserId, device: &str) -> std::io::Result<()> {
        // She may have another by now, which goes on.
        let mut people = self.people.lock().await;
        if people.get(person).is_some_and(|machine| machine.device() == device) {
            people.remove(person);
        }
        drop(people);
        match tokio::fs::remove_dir_all(self.path_of(person, device)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Where a person's keys are: user ids may hold what file names may not.
    fn path_of(&self, person: &UserId, device: &str) -> PathBuf {
        let name = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{person} {device}").as_bytes()));
        self.settings.directory.join("people").join(name)
    }
}
