-- The people of the console, their sessions, and what was done by whom. Times are milliseconds since 1970 UTC.

create table people (
    id text not null primary key,
    name text not null unique,              -- in small letters
    role text not null,
    password_hash text,                     -- null: a one-time link to set it is open
    failures integer not null default 0,    -- wrong passwords in a row
    locked_until bigint,
    created_at bigint not null,
    last_seen_at bigint
);

-- Only the hash of a session's token is kept: whoever reads the table cannot take one over.
create table console_sessions (
    token_hash text not null primary key,
    id text not null unique,
    person_id text not null,
    address text not null,
    agent text not null,
    created_at bigint not null,
    seen_at bigint not null
);
create index console_sessions_by_person on console_sessions (person_id);

-- Links that work once: the first administrator's (person_id null), and those to set a password.
create table console_links (
    token_hash text not null primary key,
    person_id text,
    expires_at bigint not null
);

-- Append-only. id begins with the time.
create table audit_log (
    id text not null primary key,
    at bigint not null,
    actor text not null,
    door text not null,                     -- console, api or gateway
    action text not null,
    target text not null,
    detail text not null,
    address text not null
) /*sqlite: without rowid*/;
create index audit_by_actor on audit_log (actor, id);
