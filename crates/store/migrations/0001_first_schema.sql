-- The engine's database: configuration by actions, intent by jobs, facts by absorb. Times are ms since the epoch.
-- Columns stand for what is searched, joined or constrained; the rest of a definition is one jsonb value.

create table engine (
    only_one   boolean primary key default true check (only_one),
    id         uuid   not null,
    created_at bigint not null
);

-- One engine turns loops and jobs. The epoch grows with each change of leader; hosts refuse an older one.
create table leader_lease (
    only_one   boolean primary key default true check (only_one),
    holder     uuid   not null,
    epoch      bigint not null,
    expires_at timestamptz not null
);

create table mac_pool (
    id               uuid primary key,
    name             text not null unique,
    description      text not null,
    allow_duplicates boolean not null,
    is_default       boolean not null,
    ranges           jsonb not null
);

create table data_center (
    id            uuid primary key,
    name          text not null unique,
    description   text not null,
    comment       text not null,
    local         boolean not null,
    version_major integer not null,
    version_minor integer not null,
    quota_mode    text not null,
    mac_pool_id   uuid not null references mac_pool,
    status        text not null
);

create table cluster (
    id             uuid primary key,
    name           text not null unique,
    data_center_id uuid not null references data_center,
    settings       jsonb not null
);
create index on cluster (data_center_id);

create table cpu_profile (
    id          uuid primary key,
    name        text not null,
    description text not null,
    cluster_id  uuid not null references cluster on delete cascade
);
create index on cpu_profile (cluster_id);

create table network (
    id             uuid primary key,
    name           text not null,
    data_center_id uuid not null references data_center,
    description    text not null,
    comment        text not null,
    vlan           integer,
    mtu            integer not null,
    vm_network     boolean not null,
    stp            boolean not null,
    port_isolation boolean not null,
    device_name    text not null,
    unique (data_center_id, name)
);

create table cluster_network (
    cluster_id    uuid not null references cluster on delete cascade,
    network_id    uuid not null references network on delete cascade,
    required      boolean not null,
    display       boolean not null,
    migration     boolean not null,
    management    boolean not null,
    default_route boolean not null,
    gluster       boolean not null,
    primary key (cluster_id, network_id)
);
create index on cluster_network (network_id);

create table vnic_profile (
    id             uuid primary key,
    name           text not null,
    network_id     uuid not null references network on delete cascade,
    description    text not null,
    comment        text not null,
    filter         text,
    port_mirroring boolean not null,
    pass_through   boolean not null,
    migratable     boolean not null,
    unique (network_id, name)
);

create table host (
    id                     uuid primary key,
    name                   text not null unique,
    cluster_id             uuid not null references cluster,
    address                text not null,
    port                   integer not null,
    description            text not null,
    comment                text not null,
    intent                 text not null,
    link                   text not null,
    problem                text,
    maintenance_reason     text,
    hardware_id            text not null,
    enrolled               boolean not null,
    public_key             bytea,
    certificate_expires_at bigint,
    seen_at                bigint,
    boot_id                text not null,
    created_at             bigint not null,
    spm_priority           integer not null
);
create index on host (cluster_id);

-- What a host says of itself. One row a host, replaced as reports come.
create table host_facts (
    host_id    uuid primary key references host on delete cascade,
    facts      jsonb,
    statistics jsonb,
    updated_at bigint not null
);

create table host_nic (
    id          uuid primary key,
    host_id     uuid not null references host on delete cascade,
    name        text not null,
    mac_address text not null,
    network_id  uuid references network on delete set null,
    details     jsonb not null,
    unique (host_id, name)
);

create table host_join_token (
    token_hash bytea primary key,
    cluster_id uuid not null references cluster on delete cascade,
    host_id    uuid references host on delete cascade,
    created_by uuid,
    created_at bigint not null,
    expires_at bigint not null,
    used_at    bigint
);

create table storage_connection (
    id                  uuid primary key,
    kind                text not null,
    address             text not null,
    path                text not null,
    vfs_type            text not null,
    mount_options       text not null,
    nfs_version         text not null,
    nfs_timeout         integer,
    nfs_retransmissions integer
);

create table storage_domain (
    id                        uuid primary key,
    name                      text not null unique,
    description               text not null,
    comment                   text not null,
    class                     text not null,
    connection_id             uuid not null references storage_connection,
    format                    text not null,
    wipe_after_delete         boolean not null,
    discard_after_delete      boolean not null,
    backup                    boolean not null,
    warning_low_space_percent integer not null,
    critical_space_gib        integer not null,
    data_center_id            uuid references data_center,
    intent                    text,
    ready                     boolean not null default false,
    master                    boolean not null default false,
    lock_job_id               uuid,
    available                 bigint,
    used                      bigint,
    check ((data_center_id is null) = (intent is null))
);
create index on storage_domain (data_center_id);

-- How each host sees each domain; the storage monitor derives `ready` from it.
create table host_domain_view (
    host_id         uuid not null references host on delete cascade,
    domain_id       uuid not null references storage_domain on delete cascade,
    ready           boolean not null,
    problem         text not null,
    latency_seconds double precision not null,
    checked_at      bigint not null,
    primary key (host_id, domain_id)
);

create table disk_profile (
    id          uuid primary key,
    name        text not null,
    description text not null,
    domain_id   uuid not null references storage_domain on delete cascade
);

create table disk (
    id                 uuid primary key,
    alias              text not null,
    description        text not null,
    provisioned_size   bigint not null check (provisioned_size >= 0),
    format             text not null,
    sparse             boolean not null,
    content            text not null,
    shareable          boolean not null,
    wipe_after_delete  boolean not null,
    propagate_errors   boolean not null,
    incremental_backup boolean not null,
    state              text not null,
    lock_job_id        uuid,
    created_at         bigint not null,
    disk_profile_id    uuid references disk_profile on delete set null
);
create index on disk (lower(alias));

create table volume (
    id          uuid primary key,
    disk_id     uuid not null references disk on delete cascade,
    domain_id   uuid not null references storage_domain,
    format      text not null,
    actual_size bigint not null,
    parent_id   uuid references volume,
    active      boolean not null
);
create unique index one_active_volume_a_disk on volume (disk_id) where active;
create index on volume (domain_id);
create index on volume (parent_id);

create table template (
    id             uuid primary key,
    name           text not null,
    cluster_id     uuid references cluster,
    definition     jsonb not null,
    version_name   text not null,
    version_number integer not null,
    base_id        uuid not null,
    created_by     uuid,
    created_at     bigint not null,
    lock_job_id    uuid,
    illegal        boolean not null default false,
    sealed         boolean not null default false
);
create index on template (lower(name));

create table vm (
    id             uuid primary key,
    name           text not null,
    cluster_id     uuid not null references cluster,
    template_id    uuid not null references template,
    definition     jsonb not null,
    next_run       jsonb,
    cpu_profile_id uuid references cpu_profile on delete set null,
    created_by     uuid,
    created_at     bigint not null,
    generation     bigint not null,
    lock_job_id    uuid,
    lock_purpose   text,
    last_stop      jsonb,
    check ((lock_job_id is null) = (lock_purpose is null))
);
create index on vm (lower(name));
create index on vm (cluster_id);
create index on vm (template_id);

-- One incarnation on one host. At most one run of a VM owns it: the guest executes there and nowhere else.
create table vm_run (
    vm_id        uuid not null references vm on delete cascade,
    generation   bigint not null,
    host_id      uuid not null references host,
    phase        text not null,
    owner        boolean not null,
    pause_reason text,
    guest_agent  boolean not null,
    started_at   bigint,
    migration    jsonb,
    graphics     jsonb not null,
    reported_at  bigint not null,
    primary key (vm_id, generation)
);
create unique index one_owner_a_vm on vm_run (vm_id) where owner;
create index on vm_run (host_id);

-- What a running VM's guest and host say of it. One row a VM, replaced as reports come.
create table vm_facts (
    vm_id      uuid primary key references vm on delete cascade,
    guest      jsonb,
    statistics jsonb,
    updated_at bigint not null
);

-- Why the scheduler chose a host, and why every other one was refused. One row a VM: the newest decision.
create table placement (
    vm_id      uuid primary key references vm on delete cascade,
    decided_at bigint not null,
    decision   jsonb not null
);

create table nic (
    id          uuid primary key,
    vm_id       uuid references vm on delete cascade,
    template_id uuid references template on delete cascade,
    name        text not null,
    profile_id  uuid references vnic_profile on delete set null,
    model       text not null,
    mac_address text not null,
    linked      boolean not null,
    plugged     boolean not null,
    description text not null,
    check ((vm_id is null) <> (template_id is null)),
    unique (vm_id, name),
    unique (template_id, name)
);
create index on nic (profile_id);
create index on nic (mac_address);

create table disk_attachment (
    vm_id        uuid references vm on delete cascade,
    template_id  uuid references template on delete cascade,
    disk_id      uuid not null references disk on delete cascade,
    interface    text not null,
    bootable     boolean not null,
    active       boolean not null,
    read_only    boolean not null,
    pass_discard boolean not null,
    check ((vm_id is null) <> (template_id is null)),
    unique (vm_id, disk_id),
    unique (template_id, disk_id)
);
create index on disk_attachment (disk_id);
create unique index one_boot_disk_a_vm on disk_attachment (vm_id) where bootable;

create table image_transfer (
    id                 uuid primary key,
    disk_id            uuid not null,
    direction          text not null,
    format             text not null,
    phase              text not null,
    host_id            uuid references host on delete set null,
    ticket             uuid not null unique,
    transferred        bigint not null,
    active             boolean not null,
    inactivity_timeout integer not null,
    timeout_policy     text not null,
    shallow            boolean not null,
    filename           text not null,
    owner_id           uuid,
    job_id             uuid not null,
    started_at         bigint not null,
    updated_at         bigint not null
);
create index on image_transfer (disk_id);

-- Users, roles, grants.
create table app_user (
    id              uuid primary key,
    name            text not null,
    domain          text not null,
    domain_entry_id text not null,
    first_name      text not null,
    last_name       text not null,
    email           text not null,
    department      text not null,
    namespace       text not null,
    principal       text not null,
    -- argon2id, for users of the internal profile alone.
    password_hash   text,
    unique (domain, name)
);

create table app_group (
    id     uuid primary key,
    name   text not null,
    domain text not null,
    unique (domain, name)
);

create table group_member (
    group_id uuid not null references app_group on delete cascade,
    user_id  uuid not null references app_user on delete cascade,
    primary key (group_id, user_id)
);

create table role (
    id             uuid primary key,
    name           text not null unique,
    description    text not null,
    administrative boolean not null,
    mutable        boolean not null,
    permits        integer[] not null
);

create table permission (
    id           uuid primary key,
    user_id      uuid references app_user on delete cascade,
    group_id     uuid references app_group on delete cascade,
    role_id      uuid not null references role,
    object_kind  text not null,
    object_id    uuid not null,
    check ((user_id is null) <> (group_id is null))
);
create unique index on permission (coalesce(user_id, group_id), role_id, object_id);
create index on permission (object_id);

create table sign_on (
    token_hash   bytea primary key,
    user_id      uuid not null references app_user on delete cascade,
    scope        text not null,
    persistent   boolean not null,
    idle_seconds bigint not null,
    created_at   bigint not null,
    used_at      bigint not null,
    source       text not null
);

-- Failures of a name or an address in a row: each makes the next try wait longer.
create table sign_on_failure (
    subject    text primary key,
    failures   integer not null,
    last_at    bigint not null
);

create table console_ticket (
    ticket_hash bytea primary key,
    vm_id       uuid not null references vm on delete cascade,
    kind        text not null,
    user_id     uuid not null references app_user on delete cascade,
    expires_at  bigint not null
);

create table tag (
    id          uuid primary key,
    name        text not null unique,
    description text not null,
    parent_id   uuid references tag
);

create table tag_assignment (
    tag_id      uuid not null references tag on delete cascade,
    object_kind text not null,
    object_id   uuid not null,
    primary key (tag_id, object_id)
);
create index on tag_assignment (object_id);

create table system_option (
    name    text not null,
    version text not null,
    value   text not null,
    primary key (name, version)
);

-- Long work. `state` is the job's typed state; `direction` says whether it goes forward or unwinds.
create table job (
    id             uuid primary key,
    kind           text not null,
    description    text not null,
    status         text not null,
    direction      text not null,
    state          jsonb,
    generation     bigint not null,
    attempts       integer not null,
    wake_at        bigint not null,
    deadline       bigint not null,
    cancel_asked   boolean not null,
    owner_id       uuid,
    correlation_id text not null,
    external       boolean not null,
    auto_cleared   boolean not null,
    started_at     bigint not null,
    ended_at       bigint,
    updated_at     bigint not null,
    failure        text,
    objects        jsonb not null
);
create index on job (status, wake_at);
create index on job (correlation_id);

create table job_step (
    id          uuid primary key,
    job_id      uuid not null references job on delete cascade,
    parent_id   uuid,
    number      integer not null,
    kind        text not null,
    description text not null,
    status      text not null,
    progress    integer,
    started_at  bigint not null,
    ended_at    bigint,
    external_id uuid
);
create index on job_step (job_id);

create table event (
    id                bigint primary key,
    code              integer not null,
    severity          text not null,
    message           text not null,
    at                bigint not null,
    correlation_id    text not null,
    origin            text not null,
    custom_id         integer,
    flood_rate        integer,
    custom_data       text,
    deleted           boolean not null default false,
    user_id           uuid,
    user_name         text,
    vm_id             uuid,
    vm_name           text,
    template_id       uuid,
    template_name     text,
    host_id           uuid,
    host_name         text,
    cluster_id        uuid,
    cluster_name      text,
    data_center_id    uuid,
    data_center_name  text,
    storage_domain_id uuid,
    storage_domain_name text
);
create index on event (at);
create index on event (vm_id, id);
create index on event (host_id, id);
create index on event (correlation_id);
create index on event (code, id);

-- Change notices in order of commit, for the event stream. Old ones are dropped by a loop.
create table outbox (
    seq       bigint primary key,
    kind      text not null,
    object_id text not null,
    change    text not null,
    at        bigint not null
);

-- Numbers given under the commit lock, so that a larger one is never visible before a smaller one.
create table counter (
    name  text primary key,
    value bigint not null
);
insert into counter (name, value) values ('event', 0), ('outbox', 0);

create table certificate (
    serial     text primary key,
    subject    text not null,
    host_id    uuid references host on delete cascade,
    issued_at  bigint not null,
    expires_at bigint not null,
    revoked_at bigint
);
