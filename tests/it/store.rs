//! What every store promises, as one suite of plain functions that is listed here for each store,
//! and what is particular to each.

mod contract_at_once;
mod contract_deliveries;
mod contract_events;
mod contract_queue;
mod contract_settings;
mod model;
mod sled_directory;
mod sled_killed;
pub(crate) mod values;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;
use tempfile::TempDir;
use tradepost::store::Store;
use tradepost::store::StoreError;
use tradepost::store::sled::SledStore;

/// A place that holds a database, also while nobody has it open.
trait Place {
    /// Opens it, as a process does when it starts.
    async fn open(&self) -> Arc<dyn Store>;

    /// Closes a store and opens it again, as a restart does.
    async fn reopen(&self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        store.close().await.unwrap();
        drop(store);
        self.open().await
    }
}

/// A directory for a sled database, gone after the test.
struct Directory(TempDir);

impl Directory {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Place for Directory {
    async fn open(&self) -> Arc<dyn Store> {
        Arc::new(patiently(|| SledStore::open(self.path())).unwrap())
    }
}

/// Tries again for a while if the database is in use: a process that another test starts at that
/// moment holds copies of all open files, locks included, until it has become its own program.
pub(crate) fn patiently<T>(open: impl Fn() -> tradepost::store::Result<T>) -> tradepost::store::Result<T> {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        match open() {
            Err(StoreError::InUse { .. }) if Instant::now() < end => std::thread::yield_now(),
            answer => return answer,
        }
    }
}

/// Runs the suite on a store whose place `$place` makes.
macro_rules! contract {
    ($store:ident, $place:expr, $($module:ident: $($name:ident)+;)+) => {
        mod $store {
            $($(
                #[tokio::test]
                async fn $name() {
                    super::$module::$name(&$place).await;
                }
            )+)+
        }
    };
}

contract! { sled, super::Directory::new(),
    contract_settings:
        a_commit_is_there_after_a_restart
        a_sharer_based_on_an_old_version_is_a_conflict_and_nothing_is_applied
        a_source_based_on_an_old_version_is_a_conflict_and_nothing_is_applied
        the_same_sharer_twice_in_a_commit_is_a_conflict
        followers_and_sharers_in_a_room_follow_the_changes_of_a_sharer
        rooms_of_a_user_follow_their_members
        a_room_based_on_an_old_version_is_a_conflict_and_nothing_is_applied
        a_source_goes_with_its_items_when_the_last_follower_leaves
        a_source_that_nobody_follows_is_not_kept
        a_fetch_that_ends_after_its_source_is_gone_is_a_conflict
        items_are_found_by_source_and_id
        a_sharer_too_large_to_store_is_refused
        sources_are_leased_by_when_they_are_due_to_one_holder
        a_source_is_free_again_after_commit_release_or_restart
        totals_count_and_are_the_same_after_a_restart;
    contract_deliveries:
        what_is_frozen_is_sent_again_byte_for_byte_after_a_restart
        the_bytes_frozen_first_stay
        freezing_what_waits_no_more_is_a_conflict_and_freezes_nothing
        a_delivery_done_becomes_the_newest_posting_of_its_room
        a_delivery_to_a_person_is_posted_where_it_was_sent
        a_delivery_done_without_an_event_leaves_no_posting
        settling_twice_does_nothing
        once_keys_stay_taken_whatever_becomes_of_the_delivery
        a_taken_key_leaves_out_its_delivery_alone
        an_attempt_that_may_have_left_something_counts_once
        an_attempt_that_left_nothing_is_as_if_it_had_not_been
        a_day_begins_with_the_first_card_a_day_after_the_last_began
        a_delivery_is_found_by_its_mark_while_it_waits
        changes_are_told_to_everyone_who_waits
        a_change_between_look_and_wait_is_not_missed;
    contract_queue:
        cards_of_a_room_go_out_one_by_one_in_order
        replies_do_not_wait_behind_cards
        the_longest_due_lane_comes_first_and_the_limit_holds
        a_retry_holds_up_its_lane_alone
        a_buried_delivery_frees_its_lane
        a_withheld_delivery_is_forgotten
        a_lease_ends_with_release_and_with_a_restart
        a_digest_takes_the_place_of_the_first_card_it_replaces
        replacing_what_waits_no_more_is_a_conflict
        replaced_cards_stay_when_the_digest_is_left_out
        cards_move_behind_those_of_the_new_room
        what_was_tried_or_is_being_tried_does_not_move
        a_woken_target_is_due_at_once;
    contract_at_once:
        of_changes_at_once_based_on_the_same_state_one_wins
        a_change_sees_those_that_are_written_together_with_it
        a_source_goes_when_its_last_followers_leave_at_once;
    contract_events:
        events_come_back_in_order_one_of_each_room
        a_room_has_pending_events_until_all_are_finished
        an_event_seen_before_is_not_taken_again
        a_finished_event_is_gone_and_finishing_it_twice_is_a_conflict
        a_commit_adds_events_as_taking_does
        an_event_is_free_again_after_release_and_restart
        a_busy_room_does_not_hide_the_others;
}
