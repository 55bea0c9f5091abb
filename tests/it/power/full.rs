//! The disk is full, or broken.
