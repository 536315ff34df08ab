//! Image transfer: tickets and the HTTPS port on which clients read and write disks. It refuses to know who the user is.
