//! Ferrovirt model.
