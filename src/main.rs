//! The program: does what the command line says.

use tradepost::cli;
use tradepost::cli::Databases;
use tradepost::cli::exit::ExitStatus;

mod sqlite;

fn main() -> ExitStatus {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads can be started: {error}");
            return ExitStatus::Other;
        }
    };
    let status = runtime.block_on(cli::main(Databases { open: sqlite::open, copy: sqlite::copy, reseal: sqlite::reseal }));
    // What still waits for a name server, say, is not waited for.
    runtime.shutdown_background();
    status
}
