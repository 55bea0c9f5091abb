//! Files: uploaded when it is their turn, and then sent as a message that names the upload. Killed in
//! between, the file is uploaded again, and the message stands there once.

use super::AFTER_STORE_FAILURE;
use super::Outbox;
use super::prepare::is_readable;
use super::send::Sent;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::NewDelivery;
use crate::domain::delivery::What;
use crate::domain::notice::Notice;
use crate::domain::room::Room;
use crate::matrix::client::MatrixError;
use crate::matrix::crypto::encrypt_file;
use crate::matrix::render;
use crate::store::Commit;

/// What is in a file.
const JSON: &str = "application/json";
/// What is in an encrypted one, as far as others know.
const BYTES: &str = "application/octet-stream";

impl Outbox {
    /// Uploads a file and sends the message that holds it.
    pub(super) async fn upload_and_send(&self, delivery: &Delivery, room: &Room, is_broken: bool) -> Sent {
        let What::File { to, reader, name, content } = &delivery.what else { return Sent::NotNeeded };
        let uploaded = if room.encrypted {
            match encrypt_file(content.as_bytes()) {
                Ok(file) => self.parts.client.upload(None, BYTES, file.bytes).await.map(|address| (address, Some(file.keys))),
                Err(error) => return Sent::Impossible(format!("the file could not be encrypted: {error}")),
            }
        } else {
            self.parts.client.upload(Some(name), JSON, content.clone().into_bytes()).await.map(|address| (address, None))
        };
        let (address, keys) = match uploaded {
            Ok(uploaded) => uploaded,
            Err(MatrixError::Refused { status, errcode, .. }) => {
                tracing::warn!(status, errcode, "the homeserver does not take a file");
                return self.tell_that_no_file_comes(delivery, room).await;
            }
            Err(error) => return self.failed(delivery, &room.id, error).await,
        };
        let file = render::File { name, size: content.len(), mimetype: JSON, address: &address, keys };
        let frozen = Frozen::message(&room.id, &render::file(file, to, reader, &delivery.mark()).to_string());
        if is_readable(&frozen, room) {
            return self.encrypt_and_send(delivery, frozen, room, is_broken).await;
        }
        if let Err(error) = self.parts.store.freeze(vec![(delivery.id, frozen.clone())], self.parts.clock.now()).await {
            tracing::warn!(delivery = delivery.id.0, %error, "what is to be sent could not be fixed");
            return Sent::Refused(AFTER_STORE_FAILURE);
        }
        self.send(delivery, &frozen, is_broken).await
    }

    /// She gets words in the place of the file.
    async fn tell_that_no_file_comes(&self, delivery: &Delivery, room: &Room) -> Sent {
        let What::File { to, reader, .. } = &delivery.what else { return Sent::NotNeeded };
        let what = What::Reply { to: to.clone(), reader: reader.clone(), openly: false, notice: Notice::FileNotTaken };
        let deliveries = vec![NewDelivery::in_room(room.id.clone(), what, delivery.created_at)];
        match self.parts.store.commit(Commit { deliveries, replaced: vec![delivery.id], ..Commit::default() }).await {
            Ok(()) => Sent::NotNeeded,
            Err(error) => {
                tracing::error!(delivery = delivery.id.0, %error, "nobody could be told that a file does not come");
                Sent::Refused(AFTER_STORE_FAILURE)
            }
        }
    }
}
