//! Whether the homeserver leaves logging in to another service, which knows nothing of devices that
//! appservices make.

use super::Report;
use super::homeserver::Homeserver;
use super::warn;

/// Where that service is described: as it is specified, and as it was before.
const METADATA: [&str; 2] = ["v1/auth_metadata", "unstable/org.matrix.msc2965/auth_metadata"];

/// Says so where it does.
pub(super) async fn examine(report: &mut Report, homeserver: &Homeserver<'_>) {
    for path in METADATA {
        match homeserver.public(path).await {
            Ok((200, metadata)) => {
                let issuer = metadata["issuer"].as_str().unwrap_or("another service");
                let what = format!("the homeserver leaves logging in to {issuer}, which is the Matrix Authentication Service or its like");
                return warn(&what, HINT);
            }
            Ok(_) => {}
            Err(failure) => return report.note_failure(&failure),
        }
    }
}

const HINT: &str = "it may delete the devices that tradepost makes for people who share in their own name; \
    then nothing is sent in their name until they type `!share as me` again. The bot is not concerned";
