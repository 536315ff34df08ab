//! Who gets in and with what: the first objects, signing on, joining hosts. On a real database.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that can't go on fails")]

mod first_objects;
mod joining;
mod rights;
mod sign_on;
mod world;
