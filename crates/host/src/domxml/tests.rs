//! Golden files of domain XML.
