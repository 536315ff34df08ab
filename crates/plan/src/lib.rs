//! Ferrovirt plan.
