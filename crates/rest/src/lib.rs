//! Ferrovirt rest.
