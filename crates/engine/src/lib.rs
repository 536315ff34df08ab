//! Ferrovirt engine.
