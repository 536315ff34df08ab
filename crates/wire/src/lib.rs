//! Ferrovirt wire.
