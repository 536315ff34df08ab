-- Disks hang on a VM or template in the order in which they were attached: the guest counts them so, and so does whoever
-- takes the first one of a list.
alter table disk_attachment add column place bigint generated always as identity;
