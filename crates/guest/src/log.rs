//! The agent's log: one line a fact on standard error, with the priority prefix of `sd-daemon(3)`. It filters nothing.

use std::io::Write;

fn write(priority: u8, text: &str) {
    // A log that nobody reads any more is no reason to stop.
    drop(writeln!(std::io::stderr().lock(), "<{priority}>{text}"));
}

/// Something an administrator should look at.
pub(crate) fn error(text: &str) {
    write(3, text);
}

/// Something that will be tried again.
pub(crate) fn warning(text: &str) {
    write(4, text);
}

/// A milestone.
pub(crate) fn info(text: &str) {
    write(6, text);
}
