//! The power fails while trades flow.

use super::Stall;
use crate::support::disk::Unsynced;

/// How many trades a round has.
const ROUND: usize = 12;
/// Where the numbers of the platform's trades begin; those of the feed begin with 1.
const PUSHED: usize = 1_000;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_survives_every_loss_of_power_and_comes_once() {
    let mut stall = Stall::open().await;
    let mut commands = Vec::new();
    let rounds = [Unsynced::Lost, Unsynced::Some(1), Unsynced::Some(2), Unsynced::Lost, Unsynced::Some(3), Unsynced::Some(4)];
    for (round, unsynced) in rounds.into_iter().enumerate() {
        let numbers: Vec<usize> = (0..ROUND).map(|number| PUSHED + round * ROUND + number).collect();
        stall.scene.publishes(round + 1);
        let command = stall.scene.joy.says(&stall.office, &format!("pause {}", 90 + round)).await;
        commands.push(command);
        let before: Vec<usize> = stall.taken.iter().copied().collect();
        let taken = stall.pushes_until(&numbers, 2 + round, async |scene| scene.tradepost.kill_9().await).await;
        // At each of these moments the power could have failed, and what was not synced be there in part.
        for (count, (_, written)) in taken.iter().enumerate() {
            let held: Vec<usize> = before.iter().copied().chain(taken[..=count].iter().map(|(number, _)| *number)).collect();
            stall.would_hold(*written, Unsynced::Lost, &held).await;
            for seed in 0..3 {
                stall.would_hold(*written, Unsynced::Some(seed * 100 + count as u64), &held).await;
            }
        }
        stall.loses_power(unsynced).await;
        stall.repeats(&numbers).await;
    }
    let pushed = (0..rounds.len() * ROUND).map(|number| PUSHED + number);
    stall.all_have_come_once((1..=rounds.len()).chain(pushed)).await;
    for (round, command) in commands.iter().enumerate() {
        stall.scene.joy.sees_reaction(&stall.office, command, "⛔").await;
        stall.scene.joy.hears(&stall.office, &format!("{}", 90 + round)).await;
        assert_eq!((stall.reactions_to(command).await, stall.said(&format!("{}", 90 + round)).await), (1, 1));
    }
}
