-- A guest has hundreds of packages, and hardly anybody who looks at a VM looks at them: they get a column of their own.
alter table vm_facts add column packages jsonb;
update vm_facts set packages = guest->'packages', guest = guest - 'packages' where jsonb_typeof(guest) = 'object';
-- Measurements come every few seconds: room on each page lets a row be written anew without touching an index.
alter table vm_facts set (fillfactor = 50);
