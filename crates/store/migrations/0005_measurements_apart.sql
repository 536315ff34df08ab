-- The newest measurements of a VM stand apart from what its guest says, which changes a thousand times less often. They come
-- again within seconds, so that neither a crash nor a standby needs them: no write-ahead log is kept of them.
create unlogged table vm_statistics (
    vm_id      uuid primary key references vm on delete cascade,
    statistics jsonb not null,
    updated_at bigint not null
) with (fillfactor = 50);
insert into vm_statistics (vm_id, statistics, updated_at)
    select vm_id, statistics, updated_at from vm_facts where jsonb_typeof(statistics) = 'object';
alter table vm_facts drop column statistics;
alter table vm_facts reset (fillfactor);
