-- What a run has that its VM's definition does not say: how it was started, the CD in its drive, its last move.
alter table vm_run add column particulars jsonb;
-- When a guest of the VM was first given the VM's first-boot data.
alter table vm add column initialized_at bigint;
