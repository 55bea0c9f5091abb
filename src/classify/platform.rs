//! To which built-in categories a trade belongs by what its platform says: its own category's id,
//! Google's taxonomy, or the words of its category path.

use super::file::File;
use super::file::PlatformWords;
use super::index::Hit;
use super::signal::Role;
use super::signal::Signal;
use super::word::Text;
use crate::classify::fold;
use crate::domain::category::Because;
use crate::domain::trade::RawCategory;

/// The scheme of Google's product taxonomy, as the feed adapter names it.
const GOOGLE: &str = "google_product_category";

/// The categories, by their place in the file, with the reasons; empty where the platform knows that
/// it belongs to none. None: the platform says nothing that is known.
pub(super) type Verdict = Option<Vec<(usize, Because)>>;

/// By ids: a platform's own before Google's.
pub(super) fn by_id(raw: &[RawCategory], file: &File) -> Verdict {
    let of = |google: bool| raw.iter().filter(move |raw| raw.scheme.as_deref().is_some_and(|scheme| (scheme == GOOGLE) == google));
    first_known([of(false).collect(), of(true).collect()], file, |words, raw| {
        let ids = raw.scheme.as_ref().and_then(|scheme| words.ids.get(scheme));
        ids.is_some_and(|ids| ids.iter().any(|id| id == raw.text.as_str()))
    })
}

/// By paths of Google's taxonomy, which stand without a scheme.
pub(super) fn by_taxonomy(raw: &[RawCategory], file: &File) -> Verdict {
    let paths = raw.iter().filter(|raw| raw.scheme.as_deref().is_none_or(|scheme| scheme == GOOGLE)).collect();
    first_known([paths, Vec::new()], file, |words, raw| {
        let path = Text::path(raw.text.as_str()).folded;
        let is_below = |roots: &[String]| roots.iter().any(|root| is_below(&path, &Text::path(root).folded));
        is_below(&words.taxonomy) && !is_below(&words.taxonomy_except)
    })
}

fn is_below(path: &str, root: &str) -> bool {
    path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with(" > "))
}

/// What the first list says of which anything is known, be it that it belongs to nothing.
fn first_known(lists: [Vec<&RawCategory>; 2], file: &File, fits: impl Fn(&PlatformWords, &RawCategory) -> bool) -> Verdict {
    for list in lists {
        let fitting = |words: &PlatformWords| list.iter().find(|raw| fits(words, raw)).copied();
        let because = |raw: &RawCategory| Because::Taxonomy { text: raw.text.to_string() };
        let found: Vec<_> =
            file.category.iter().enumerate().filter_map(|(index, category)| Some((index, because(fitting(&category.platform)?)))).collect();
        if !found.is_empty() || fitting(&file.neutral.platform).is_some() {
            return Some(found);
        }
    }
    None
}

/// By the words of a path: its last part that says anything decides. `hits` are those in `text`,
/// the path's own.
pub(super) fn by_path(raw: &RawCategory, text: &Text, hits: &[Hit], signals: &[Signal], file: &File) -> Verdict {
    let role = |hit: &Hit| signals.get(hit.id as usize).map(|signal| signal.role);
    let longest = |hit: &&Hit| {
        !hits.iter().any(|other| other.start <= hit.start && hit.end <= other.end && (other.end - other.start) > (hit.end - hit.start))
    };
    let hits: Vec<&Hit> = hits.iter().filter(longest).collect();
    let mut starts: Vec<usize> = text.spaced.match_indices(" > ").map(|(at, _)| at).collect();
    // A shop's breadcrumb begins with its own front page.
    let is_front =
        |part: &str| matches!(part, "home" | "shop" | "store" | "all" | "all products" | "products" | "首页" | "全部商品" | "全部");
    let from = starts.first().copied().filter(|end| text.spaced.get(..*end).is_some_and(is_front)).unwrap_or(0);
    starts.retain(|start| *start >= from);
    starts.insert(0, from);
    starts.dedup();
    let mut end = text.spaced.len();
    for start in starts.into_iter().rev() {
        let part = hits.iter().filter(|hit| hit.start >= start && hit.end <= end);
        let things: Vec<_> =
            part.filter_map(|hit| if let Some(Role::Thing(category, _)) = role(hit) { Some((category, *hit)) } else { None }).collect();
        end = start;
        if things.is_empty() {
            continue;
        }
        let mut found: Vec<(usize, Because)> = things
            .into_iter()
            .filter_map(|(category, hit)| {
                let found = text.spaced.get(hit.start..hit.end)?.to_owned();
                Some((category?, Because::Path { found, path: raw.text.to_string() }))
            })
            .collect();
        let contexts =
            hits.iter().filter_map(|hit| if let Some(Role::Context(context)) = role(hit) { file.context.get(context) } else { None });
        let without: Vec<&String> = contexts.flat_map(|context| &context.without).collect();
        found.retain(|(category, _)| file.category.get(*category).is_some_and(|category| !without.contains(&&category.id)));
        found.sort_by_key(|(category, _)| *category);
        found.dedup_by_key(|(category, _)| *category);
        return Some(found);
    }
    None
}

/// Whether a scheme's texts are ids, not words.
pub(super) fn is_id(raw: &RawCategory) -> bool {
    raw.scheme.is_some() && fold(raw.text.as_str()).bytes().all(|byte| byte.is_ascii_digit())
}
