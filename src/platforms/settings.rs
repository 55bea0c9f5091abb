//! What the operator sets for each platform, and the one list of all adapters.

use crate::platforms::Platform;
use crate::platforms::feed::Feed;
use crate::platforms::feed::FeedSettings;
use serde::Deserialize;
use std::sync::Arc;
use toml_example::TomlExample;

/// See the sections below it, one for each platform.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, TomlExample)]
#[serde(default)]
#[toml_example(doc_skip_prefix = "See ")]
pub struct PlatformSettings {
    /// See [`FeedSettings`].
    #[toml_example(nesting)]
    pub feed: FeedSettings,
}

/// Every adapter there is, in the order in which they are listed to people. A platform is added by its
/// file, a section above and a line here.
pub(super) fn adapters(settings: &PlatformSettings, allow_http_links: bool) -> Vec<Arc<dyn Platform>> {
    vec![
        // One a line, the general one last: whoever recognises a link first gets it.
        Arc::new(Feed::new(&settings.feed, allow_http_links)),
    ]
}
