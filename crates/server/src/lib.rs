//! Ferrovirt server.
