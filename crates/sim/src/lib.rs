//! Ferrovirt sim.
