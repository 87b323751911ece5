-- Nodes that share the database, and what they must hold in common. Times are milliseconds since 1970 UTC.

create table nodes (
    id text not null primary key,
    name text not null,
    address text not null,              -- of its HTTP door
    version text not null,
    started_at bigint not null,
    seen_at bigint not null
);

-- The right to one connection to a provider that limits them, counted over all nodes. It ends unless its owner renews it.
create table lanes (
    provider_id text not null,
    number integer not null,
    owner text not null,
    until bigint not null,
    primary key (provider_id, number)
) /*sqlite: without rowid*/;

-- The key ring that secrets are sealed with, where nodes share it. An embedded database leaves it to its data directory.
create table key_ring (
    name text not null primary key,
    xml text not null,
    created_at bigint not null
);

-- Facts about the installation as a whole, such as that it is held after a restore.
create table installation (
    name text not null primary key,
    value text not null
);

/*postgres:
-- Rows of the queue live for seconds: they are cleared away soon, and an update finds room on its own page.
alter table queue set (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_cost_delay = 0);
*/
