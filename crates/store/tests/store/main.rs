//! The data door against a real server: its statements, its transactions, its lease, what it keeps.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod laws;
mod measurements;
mod rights;
mod statements;
