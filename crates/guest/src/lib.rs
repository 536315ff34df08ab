//! Ferrovirt guest.
