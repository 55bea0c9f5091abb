//! Whether people can share in their own name. Asked with the second token for itself only: in the
//! name of a person nothing is asked here, since nobody knows whether she has agreed.

use super::Finding;
use super::Report;
use super::compare;
use super::homeserver::Homeserver;
use super::homeserver::said;
use crate::cli::exit::ExitStatus;
use crate::cli::exit::Failure;
use crate::config::Config;
use std::path::Path;

/// Whether the second registration fits the configuration, where it is needed.
pub(super) fn registration(config: &Config, config_file: &Path, file: &Path) -> Vec<Finding> {
    if config.double_puppet.allow.is_nobody() {
        return Vec::new();
    }
    let command = format!("tradepost registration --double-puppet -c {} -r {}", config_file.display(), file.display());
    compare(file, &command, |registration| registration.double_puppet_mismatches(config))
}

/// Whether the homeserver has read it.
pub(super) async fn examine(report: &mut Report, homeserver: &Homeserver<'_>) {
    if homeserver.config.double_puppet.allow.is_nobody() {
        return;
    }
    if report.note(known(homeserver).await).is_some() {
        report.note(silent(homeserver).await);
    }
}

async fn known(homeserver: &Homeserver<'_>) -> Finding {
    let body = homeserver.who_has(&homeserver.config.double_puppet.as_token).await?;
    if !body.user_id.is_empty() {
        return Ok(((), "the homeserver knows the second registration, for sharing in one's own name".to_owned()));
    }
    let what = match body.errcode.as_str() {
        "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" => "the homeserver does not know the token of double_puppet".to_owned(),
        _ => format!("the homeserver does not say whose the token of double_puppet is: {}", said(&body)),
    };
    Err(Failure::said(ExitStatus::TokenRefused, what, RESTART))
}

/// Whether nothing is pushed by it. With an address the homeserver would send us everything that its
/// people write.
async fn silent(homeserver: &Homeserver<'_>) -> Finding {
    let double_puppet = &homeserver.config.double_puppet;
    let body = homeserver.ask_for_ping(&double_puppet.id, &double_puppet.as_token).await?;
    match body.errcode.as_str() {
        "M_URL_NOT_SET" => Ok(((), "the second registration has no url, so nothing is pushed by it".to_owned())),
        "M_FORBIDDEN" => {
            let what = format!("the homeserver has the token of double_puppet for another appservice than \"{}\"", double_puppet.id);
            Err(Failure::said(ExitStatus::Registration, what, RESTART))
        }
        _ => {
            let what = "the second registration that the homeserver has read has a url: everything that its people write is sent there";
            Err(Failure::said(ExitStatus::Registration, what, RESTART))
        }
    }
}

const RESTART: &str = "make it with `tradepost registration --double-puppet`, name it in app_service_config_files of homeserver.yaml, \
    and restart the homeserver";
