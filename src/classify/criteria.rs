//! Criteria as a person types them, into values and back.
