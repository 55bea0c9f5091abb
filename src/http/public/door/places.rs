//! Places in which requests are worked off: only so many, and never all of them for one address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use tokio::sync::Semaphore;
use tokio::sync::SemaphorePermit;

/// The places.
pub(super) struct Places {
    all: Semaphore,
    /// How many of them may be of one address: bodies that trickle would else keep everybody out.
    of_one: usize,
    taken: Mutex<HashMap<IpAddr, usize>>,
}

/// One that is taken, until this is dropped.
pub(super) struct Place<'a> {
    places: &'a Places,
    of: IpAddr,
    _one: SemaphorePermit<'a>,
}

impl Places {
    /// So many requests are worked off at the same time.
    pub(super) fn new(at_once: usize) -> Self {
        Self { all: Semaphore::new(at_once), of_one: at_once.div_ceil(2), taken: Mutex::default() }
    }

    /// A place, where there is one for this address.
    pub(super) fn take(&self, of: IpAddr) -> Option<Place<'_>> {
        let one = self.all.try_acquire().ok()?;
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let count = taken.entry(of).or_default();
        if *count >= self.of_one {
            return None;
        }
        *count += 1;
        Some(Place { places: self, of, _one: one })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = taken.get_mut(&self.of) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.of);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Places;
    use std::net::IpAddr;

    const AT_ONCE: usize = 64;
    const OF_ONE: usize = 32;

    #[test]
    fn one_address_never_has_all_places() {
        let places = Places::new(AT_ONCE);
        let (one, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
        let mut taken: Vec<_> = (0..OF_ONE).map(|_| places.take(one).unwrap()).collect();
        assert!(places.take(one).is_none());
        taken.extend((OF_ONE..AT_ONCE).map(|_| places.take(other).unwrap()));
        assert!(places.take(IpAddr::from([192, 0, 2, 3])).is_none());
        taken.truncate(1);
        assert!(places.take(one).is_some());
        drop(taken);
        assert!(places.taken.lock().unwrap().is_empty());
    }
}
