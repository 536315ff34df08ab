//! The data door against a real server: its statements, its transactions, its lease.

mod laws;
mod statements;
