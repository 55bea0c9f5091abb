//! The public address as shops and browsers find it. What stands behind it is played by the tests.

mod behind;
mod bounds;
mod hooks;
mod links;
mod phone;
mod running;
