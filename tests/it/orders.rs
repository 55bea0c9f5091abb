//! Sales and purchases.
