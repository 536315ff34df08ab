//! The host's identity: key, certificate, enrolment and rotation. It refuses to know what is served with it.
