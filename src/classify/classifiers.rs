//! The compiled classifiers that were used last, so that one is compiled only when criteria change.

use super::built_in::BuiltIn;
use super::classifier::Classifier;
use super::classifier::CompiledBuiltIn;
use crate::domain::category::OwnCategory;
use crate::domain::ids::UserId;
use sha2::Digest;
use sha2::Sha256;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::sync::PoisonError;

/// How many are kept. Each is as large as the own categories in it; the built-in ones are shared.
const KEPT: usize = 64;

type Key = [u8; 32];
type Slot = Arc<OnceLock<Arc<Classifier>>>;

/// Compiles classifiers and keeps those used last. Cheap to clone, and safe to use from many threads.
#[derive(Clone)]
pub struct Classifiers(Arc<Shared>);

struct Shared {
    built_in: BuiltIn,
    /// Compiled when it is first needed: programs that only check the configuration never do.
    compiled: OnceLock<Arc<CompiledBuiltIn>>,
    /// The one used last stands last.
    kept: Mutex<VecDeque<(Key, Slot)>>,
}

impl Classifiers {
    /// With these built-in categories.
    #[must_use]
    pub fn new(built_in: BuiltIn) -> Self {
        Self(Arc::new(Shared { built_in, compiled: OnceLock::new(), kept: Mutex::default() }))
    }

    /// The built-in categories.
    #[must_use]
    pub fn built_in(&self) -> &BuiltIn {
        &self.0.built_in
    }

    /// One that knows the built-in categories and those of these people. It is compiled if it was
    /// not used lately; meanwhile others can go on, and who wants the same one waits for it.
    #[must_use]
    pub fn of<'a>(&self, owned: impl Iterator<Item = (&'a UserId, &'a [OwnCategory])>) -> Arc<Classifier> {
        let mut owned: Vec<_> = owned.filter(|(_, categories)| !categories.is_empty()).collect();
        owned.sort_unstable_by_key(|(owner, _)| *owner);
        let slot = self.slot(key(&owned));
        let compile = || Arc::new(Classifier::new(self.built_in_compiled(), owned.into_iter()));
        Arc::clone(slot.get_or_init(compile))
    }

    fn built_in_compiled(&self) -> Arc<CompiledBuiltIn> {
        Arc::clone(self.0.compiled.get_or_init(|| Arc::new(CompiledBuiltIn::new(self.0.built_in.clone()))))
    }

    fn slot(&self, key: Key) -> Slot {
        // Nothing in here panics while it holds the lock, and what it guards is only a cache.
        let mut kept = self.0.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let at = kept.iter().position(|(known, _)| *known == key);
        let slot = at.and_then(|at| kept.remove(at)).map_or_else(Slot::default, |(_, slot)| slot);
        kept.push_back((key, Arc::clone(&slot)));
        if kept.len() > KEPT {
            kept.pop_front();
        }
        slot
    }
}

impl Default for Classifiers {
    fn default() -> Self {
        Self::new(BuiltIn::standard())
    }
}

/// What tells whose and which categories they are, names aside.
fn key(owned: &[(&UserId, &[OwnCategory])]) -> Key {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    for (owner, categories) in owned {
        add(owner.as_str().as_bytes());
        for category in *categories {
            add(category.id.as_str().as_bytes());
            // Values of plain types, which always become JSON.
            add(&serde_json::to_vec(&category.criteria).unwrap_or_default());
        }
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::Classifiers;
    use super::KEPT;
    use crate::classify::criteria;
    use crate::domain::category::CategoryId;
    use crate::domain::category::OwnCategory;
    use crate::domain::ids::UserId;
    use crate::domain::text::Line;
    use std::sync::Arc;

    fn category(criteria: &str) -> OwnCategory {
        OwnCategory { id: CategoryId::new("food"), name: Line::title("Food"), criteria: criteria::read(criteria).unwrap() }
    }

    #[test]
    fn a_classifier_is_compiled_anew_only_when_criteria_change() {
        let classifiers = Classifiers::default();
        let (joy, tom) = (UserId::new("@joy:a.example"), UserId::new("@tom:a.example"));
        let (tea, rice) = ([category("tea")], [category("rice")]);
        let first = classifiers.of([(&joy, &tea[..]), (&tom, &rice[..])].into_iter());
        let same = classifiers.clone().of([(&tom, &rice[..]), (&joy, &tea[..])].into_iter());
        let other = classifiers.of([(&joy, &rice[..]), (&tom, &tea[..])].into_iter());
        assert!(Arc::ptr_eq(&first, &same) && !Arc::ptr_eq(&first, &other));
        let nobody = classifiers.of(std::iter::empty());
        assert!(Arc::ptr_eq(&nobody, &classifiers.of([(&joy, &[][..])].into_iter())));
    }

    #[test]
    fn only_those_used_last_are_kept() {
        let classifiers = Classifiers::new(
            crate::classify::BuiltIn::read("[[category]]\nid = \"x\"\nname = { en = \"x\", zh-CN = \"某\" }", true).unwrap(),
        );
        let joy = UserId::new("@joy:a.example");
        let of = |word: &str| classifiers.of([(&joy, &[category(word)][..])].into_iter());
        let (first, second) = (of("first"), of("second"));
        for number in 0..KEPT - 1 {
            of("first");
            of(&format!("word{number}"));
        }
        assert!(Arc::ptr_eq(&first, &of("first")) && !Arc::ptr_eq(&second, &of("second")));
    }

    #[test]
    fn many_threads_may_ask_at_once() {
        let classifiers = Classifiers::default();
        let joy = UserId::new("@joy:a.example");
        let all: Vec<_> = std::thread::scope(|scope| {
            let ask = || classifiers.of([(&joy, &[category("tea")][..])].into_iter());
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| Arc::ptr_eq(one, &all[0])));
    }
}
