-- Highly available VMs whose run ended though nobody asked for it, until they run again and have settled. A row is written
-- in the transaction that stores that end, so that no takeover of the engine forgets a VM.
create table vm_restart (
    vm_id uuid primary key references vm on delete cascade,
    since bigint not null,
    tries integer not null default 0 check (tries >= 0),
    next_try_at bigint not null,
    told boolean not null default false
);
