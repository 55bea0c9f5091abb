//! Panels: a new one with the reactions that its owner can join, or an edit of one that stands there.

use super::Outbox;
use crate::domain::delivery::AskedIn;
use crate::domain::delivery::Delivery;
use crate::domain::delivery::Frozen;
use crate::domain::delivery::Reaction;
use crate::domain::delivery::Then;
use crate::domain::delivery::What;
use crate::domain::ids::EventId;
use crate::domain::panel::Panel;
use crate::domain::room::Room;
use crate::matrix::render;
use crate::store::StoreError;
use crate::texts;

impl Outbox {
    /// What is sent for a panel; none where the message to be edited is gone.
    pub(super) async fn panel_message(
        &self,
        delivery: &Delivery,
        panel: &Panel,
        edits: Option<&EventId>,
        asked_in: Option<&AskedIn>,
        room: &Room,
    ) -> Result<Option<Frozen>, StoreError> {
        let text = texts::render(self.language_of(Some(&panel.owner)).await?, &panel.notice());
        let content = render::notice(&text, &delivery.mark());
        let Some(event) = edits else {
            let mut then = reactions(panel.reactions());
            let reader = panel.owner.clone();
            then.extend(asked_in.map(|asked_in| Then::Point { asked_in: asked_in.clone(), reader }));
            return Ok(Some(Frozen { then, ..Frozen::message(&room.id, &content.to_string()) }));
        };
        let posting = self.parts.store.posting(event).await?;
        let Some(posting) = posting.filter(|posting| posting.withdrawn_at.is_none() && posting.room == room.id) else {
            return Ok(None);
        };
        let there = if let What::Panel { panel, .. } = &posting.what { panel.reactions() } else { Vec::new() };
        let missing = panel.reactions().into_iter().filter(|key| !there.contains(key)).collect();
        let content = render::edit(content, event, &posting.content);
        let frozen = Frozen::message(&room.id, &content.to_string());
        Ok(Some(Frozen { edits: Some(event.clone()), then: reactions(missing), ..frozen }))
    }
}

fn reactions(keys: Vec<Reaction>) -> Vec<Then> {
    if keys.is_empty() { Vec::new() } else { vec![Then::React { keys }] }
}
