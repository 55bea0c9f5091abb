//! What the database takes on the disk does not grow without bound while as much goes as comes. The same
//! over a million trades: `cargo bench --bench churn`.

use super::Directory;
use super::Place;
use super::churning::Churn;

#[tokio::test]
async fn a_database_from_which_as_much_goes_as_comes_stops_growing() {
    let directory = Directory::new();
    let mut churn = Churn::begin(directory.open().await, 50).await;
    let mut sizes = Vec::new();
    for _ in 0..60 {
        sizes.push(churn.day(200, 4).await);
    }
    assert_eq!(sizes[15].values, sizes[59].values);
    let largest = |days: std::ops::Range<usize>| sizes[days].iter().map(|size| size.disk_bytes).max().unwrap();
    let (early, late) = (largest(15..30), largest(45..60));
    assert!(late < early * 3 / 2, "{early} bytes in the second quarter, {late} in the last");
}
