//! The program: does what the command line says.

use tradepost::cli;
use tradepost::cli::exit::ExitStatus;

#[tokio::main]
async fn main() -> ExitStatus {
    cli::main().await
}
