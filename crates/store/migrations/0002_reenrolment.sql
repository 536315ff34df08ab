-- The newest time at which a host asked for a new certificate by its own key: an older request is a replay.
create table host_reenrolment (
    host_id  uuid primary key references host on delete cascade,
    asked_at bigint not null
);
