-- From which addresses a name signed on of late: strangers' failures do not make it wait there.
create table sign_on_known (
    name         text    not null,
    address      text    not null,
    succeeded_at bigint  not null,
    -- In a row since then, from there.
    failures     integer not null,
    failed_at    bigint  not null,
    primary key (name, address)
);
