//! What a service manager is told.

use crate::support::Scene;
use crate::support::disk::Disk;
use crate::support::synapse::Homeserver;
use std::path::Path;
use std::time::Duration;
use tokio::net::UnixDatagram;
use tokio::sync::mpsc;
use toml::Table;

/// A service manager that listens, always: who tells it something waits until it does.
struct Manager {
    coming: mpsc::UnboundedReceiver<String>,
    heard: Vec<String>,
}

impl Manager {
    fn at(path: &Path) -> Self {
        let socket = UnixDatagram::bind(path).unwrap();
        let (told, coming) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            let mut bytes = [0; 4_096];
            while let Ok(length) = socket.recv(&mut bytes).await
                && told.send(String::from_utf8(bytes[..length].to_vec()).unwrap()).is_ok()
            {}
        });
        Self { coming, heard: Vec::new() }
    }

    /// Waits until it is told this.
    async fn hears(&mut self, part: &str) {
        let hears = async {
            while let Some(told) = self.coming.recv().await {
                let is_it = told.lines().any(|line| line.contains(part));
                self.heard.push(told);
                if is_it {
                    return;
                }
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(20), hears).await;
        assert!(in_time.is_ok(), "{part} is not told: {:#?}", self.heard);
    }

    /// How often it was told this.
    fn heard(&mut self, part: &str) -> usize {
        while let Ok(told) = self.coming.try_recv() {
            self.heard.push(told);
        }
        self.heard.iter().filter(|told| told.lines().any(|line| line == part)).count()
    }
}

/// A scene whose program tells a manager, which waits for a sign of life each second and a half.
async fn scene() -> (Scene, Manager) {
    let mut scene = Scene::set(Homeserver::shared().await, Table::new()).await;
    let path = scene.tradepost.directory().with_extension("notify");
    let manager = Manager::at(&path);
    let environment = [("NOTIFY_SOCKET", path.to_str().unwrap()), ("WATCHDOG_USEC", "1500000")];
    scene.tradepost.finds(environment.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec());
    (scene, manager)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_manager_is_told_that_it_is_ready_alive_and_stopping() {
    let (mut scene, mut manager) = scene().await;
    scene.tradepost.start().await;
    manager.hears("READY=1").await;
    manager.hears("STATUS=ready: 0 sharers, 0 deliveries waiting, 0 given up").await;
    scene.sharing().await;
    manager.hears("STATUS=ready: 1 sharers").await;
    for _ in 0..3 {
        manager.hears("WATCHDOG=1").await;
    }
    assert_eq!((manager.heard("READY=1"), manager.heard("STOPPING=1")), (1, 0));
    assert!(scene.tradepost.stop().await.success());
    manager.hears("STOPPING=1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_before_the_homeserver_is_there_and_says_what_it_waits_for() {
    let nowhere: Table = "[homeserver]\naddress = \"http://127.0.0.1:9\"".parse().unwrap();
    let mut scene = Scene::set(Homeserver::shared().await, nowhere).await;
    let path = scene.tradepost.directory().with_extension("notify");
    let mut manager = Manager::at(&path);
    scene.tradepost.finds(vec![("NOTIFY_SOCKET".to_owned(), path.to_str().unwrap().to_owned())]);
    scene.tradepost.begins();
    manager.hears("READY=1").await;
    manager.hears("STATUS=waiting for the homeserver: 0 sharers").await;
    assert!(scene.tradepost.stop().await.success());
    manager.hears("STOPPING=1").await;
    assert_eq!(manager.heard("WATCHDOG=1"), 0, "nobody waits for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_is_no_sign_of_life() {
    let (mut scene, mut manager) = scene().await;
    let disk = Disk::under(scene.tradepost.directory());
    scene.tradepost.finds(disk.environment());
    scene.tradepost.start().await;
    manager.hears("WATCHDOG=1").await;
    disk.hangs();
    // The first that hangs is the sign of life itself, or something else that is written meanwhile.
    disk.has_failed(1).await;
    scene.tradepost.says("the disk or a loop does not answer", 2).await;
    let before = manager.heard("WATCHDOG=1");
    scene.tradepost.says("the disk or a loop does not answer", 4).await;
    assert_eq!(manager.heard("WATCHDOG=1"), before);
    disk.works_again();
    manager.hears("WATCHDOG=1").await;
    manager.hears("WATCHDOG=1").await;
    assert!(scene.tradepost.stop().await.success());
}
