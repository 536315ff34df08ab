//! Who gets in and with what: the first objects, signing on, joining hosts. On a real database.

mod first_objects;
mod joining;
mod sign_on;
mod world;
