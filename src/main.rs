//! The program: does what the command line says.

use tradepost::cli;
use tradepost::cli::exit::ExitStatus;

mod sqlite;

#[tokio::main]
async fn main() -> ExitStatus {
    cli::main(sqlite::open, sqlite::reseal).await
}
