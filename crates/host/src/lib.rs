//! Ferrovirt host.
