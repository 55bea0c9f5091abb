//! What every store promises, as one suite of plain functions that is listed here for each store,
//! and what is particular to each.

mod churning;
mod contract_at_once;
mod contract_buried;
mod contract_deliveries;
mod contract_erasure;
mod contract_events;
mod contract_follows;
mod contract_lanes;
mod contract_own_name;
mod contract_parked;
mod contract_postings;
mod contract_pruning;
mod contract_queue;
mod contract_revisions;
mod contract_settings;
mod contract_shared;
mod filled;
mod model;
mod model_events;
mod model_postings;
mod posting_values;
mod sled_churn;
mod sled_directory;
mod sled_earlier;
mod sled_export;
mod sled_killed;
mod sled_postings;
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

    /// Carries a store into a new directory, by an export of it.
    async fn carry(&mut self, store: Arc<dyn Store>) -> Arc<dyn Store> {
        let file = self.path().join("export");
        let exported = store.export(&file).await.unwrap();
        drop(store);
        let new = Self::new();
        assert_eq!(SledStore::import(new.path(), &file).unwrap(), exported);
        *self = new;
        self.open().await
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
        sources_planned_by_a_clock_that_was_ahead_are_due_when_it_is_set_right
        a_source_is_free_again_after_commit_release_or_restart
        totals_count_and_are_the_same_after_a_restart;
    contract_deliveries:
        what_is_frozen_is_sent_again_byte_for_byte_after_a_restart
        the_bytes_frozen_first_stay
        what_was_encrypted_and_who_sends_it_stay_as_they_were_frozen
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
        what_a_clock_that_was_ahead_put_off_is_due_when_it_is_set_right
        replies_do_not_wait_behind_cards
        the_longest_due_lane_comes_first_and_the_limit_holds
        of_cards_no_more_are_leased_than_asked_for
        a_retry_holds_up_its_lane_alone
        a_buried_delivery_frees_its_lane
        a_withheld_delivery_is_forgotten
        a_lease_ends_with_release_and_with_a_restart
        a_digest_takes_the_place_of_the_first_card_it_replaces
        replacing_what_waits_no_more_is_a_conflict
        replaced_cards_stay_when_the_digest_is_left_out
        cards_move_behind_those_of_the_new_room
        the_cards_of_one_sharer_move_alone
        what_was_tried_or_is_being_tried_does_not_move
        a_woken_target_is_due_at_once;
    contract_buried:
        what_was_given_up_is_found_newest_first_with_its_reason
        what_is_revived_waits_last_as_if_it_had_never_been_attempted
        what_was_revived_can_be_given_up_again
        what_was_forgotten_or_waits_is_neither_revived_nor_forgotten;
    contract_lanes:
        what_is_alone_holds_up_nothing
        each_lane_of_a_room_is_listed_by_itself
        what_shows_trades_moves_and_what_is_about_old_events_stays
        what_replaces_takes_the_place_of_the_first_in_its_own_lane
        every_lane_of_a_woken_target_goes_back_to_its_planned_time;
    contract_postings:
        a_posting_is_found_by_its_event_and_by_what_it_shows_newest_first
        what_shows_no_trade_is_found_by_its_event_alone
        an_edit_changes_its_posting_and_what_finds_it
        an_edit_of_what_was_withdrawn_or_is_unknown_changes_nothing
        what_was_withdrawn_is_found_by_its_event_alone
        a_redaction_that_was_not_done_withdraws_nothing
        the_board_is_the_one_posted_last_until_it_is_withdrawn
        a_panel_is_the_one_of_its_scope_posted_last
        a_posting_has_the_sender_and_the_plain_content_of_what_was_sent
        an_edit_leaves_the_sender_of_its_posting
        what_is_not_a_card_does_not_count_for_the_day
        a_reaction_is_remembered
        all_items_of_a_source_are_found;
    contract_follows:
        what_follows_is_queued_when_an_event_stands_there
        nothing_follows_what_did_not_come_to_stand_there
        settling_twice_queues_what_follows_once;
    contract_revisions:
        each_posting_of_a_raised_item_is_revised_once
        what_a_clock_that_was_ahead_posted_is_revised_at_once
        a_posting_that_shows_the_newest_state_is_left_alone
        a_revision_that_has_ended_does_not_stand_for_the_next
        a_revision_that_may_have_looked_already_does_not_stand_for_the_next
        a_posting_made_out_of_date_is_revised_at_once
        a_trade_undone_has_the_postings_of_its_sharer_revised
        a_revision_does_not_queue_itself_for_ever
        what_a_commit_withdraws_it_does_not_revise
        of_a_change_and_a_posting_at_once_none_is_lost;
    contract_pruning:
        an_item_goes_when_its_source_has_long_been_read_without_showing_it
        an_item_of_an_earlier_version_is_old_only_after_it_was_looked_at
        what_a_board_remembers_of_an_item_stays
        a_trade_goes_unless_something_names_it
        an_old_posting_goes_with_everything_that_finds_it
        what_stands_for_itself_stays_however_old
        a_once_key_stays_taken_for_as_long_and_while_its_delivery_waits
        an_event_stays_seen_for_as_long_and_while_it_waits
        that_a_trade_was_taken_back_is_known_as_long_as_it_or_its_item_is
        links_and_hooks_that_nobody_has_go
        a_room_that_was_left_goes_unless_anything_is_still_to_be_done_there
        a_day_that_is_over_need_not_be_counted
        a_pass_counts_what_is_there
        what_comes_to_be_needed_during_a_pass_stays
        what_is_pruned_stays_so_after_a_restart;
    contract_shared:
        what_was_decided_is_numbered_for_each_sharer
        a_trade_decided_on_before_keeps_its_number
        the_oldest_decisions_are_forgotten
        a_trade_stays_undone;
    contract_erasure:
        of_an_erased_person_nothing_is_left
        what_is_of_others_stays
        the_name_of_an_erased_person_goes_from_what_was_decided_for_others
        only_the_deliveries_of_the_erasing_commit_are_left
        what_was_queued_to_take_something_away_is_still_done
        what_is_being_sent_for_somebody_keeps_her_from_being_erased
        what_is_forgotten_while_it_is_leased_is_not_sent
        an_emptied_room_holds_nothing_whoevers_it_was
        a_sharer_who_says_nothing_any_more_is_not_kept;
    contract_at_once:
        of_changes_at_once_based_on_the_same_state_one_wins
        a_change_sees_those_that_are_written_together_with_it
        a_source_goes_when_its_last_followers_leave_at_once;
    contract_events:
        what_waits_is_kept_in_another_form_in_its_place
        events_come_back_in_order_one_of_each_room
        a_room_has_pending_events_until_all_are_finished
        an_event_seen_before_is_not_taken_again
        a_finished_event_is_gone_and_finishing_it_twice_is_a_conflict
        a_commit_adds_events_as_taking_does
        an_event_is_free_again_after_release_and_restart
        a_busy_room_does_not_hide_the_others;
    contract_parked:
        parked_events_are_found_by_session_and_by_time_oldest_first
        a_parked_event_holds_up_nothing_and_counts_as_seen
        what_was_seen_before_is_not_parked
        an_event_parked_again_is_replaced_in_its_place
        an_unparked_event_is_gone_and_stays_seen
        what_is_unparked_and_taken_is_pending_in_the_order_it_came
        a_pending_event_is_finished_and_parked_in_one_commit
        of_a_conflict_nothing_is_parked_or_unparked
        of_too_many_parked_events_the_oldest_of_the_room_go
        an_event_parked_at_once_by_many_is_parked_once;
    contract_own_name:
        those_who_agreed_are_found_until_they_withdraw_it
        a_room_that_is_heard_without_the_bot_is_found_by_its_members
        a_small_value_stays_until_it_is_replaced_or_forgotten
        a_small_value_comes_with_its_commit_or_not_at_all
        small_values_alone_wake_nobody;
}
