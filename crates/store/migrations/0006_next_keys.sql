-- The key that a host made for its next certificate. It counts beside the host's own from before the host is told to use it
-- until that certificate is recorded, so that a host can renew by itself whichever of the two a break left it with.
alter table host add column next_public_key bytea;
