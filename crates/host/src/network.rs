//! Networks of the host: desired, current, apply, verify, roll back. It refuses to know which VM uses them.
