//! Ferrovirt store.
