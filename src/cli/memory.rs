//! Secrets are in memory while they are used: nothing of it is written to a disk when the program dies, and
//! nobody else who runs programs as the same user reads it.

use rustix::process::DumpableBehavior;
use rustix::process::Resource;
use rustix::process::Rlimit;
use rustix::process::set_dumpable_behavior;
use rustix::process::setrlimit;

/// Has the system write no core dump of this process. It is done as far as the system lets us: a program that
/// cannot does not write secrets anywhere itself.
pub(super) fn keep_out_of_dumps() {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    // The limit alone does not hold where dumps go to a program (core_pattern with a pipe).
    let limited = setrlimit(Resource::Core, none).and(set_dumpable_behavior(DumpableBehavior::NotDumpable));
    if let Err(error) = limited {
        eprintln!("warning: the system may write core dumps of tradepost, with secrets in them: {error}");
    }
}
