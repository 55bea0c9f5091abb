//! The program as a service manager has it: started, watched and stopped.

mod journal;
mod notified;
mod stopping;
