-- Who may hand in mail (clients) and who may use the API (keys). Secrets are generated, 128 bits or more, and kept as SHA-256.

create table clients (
    id text not null primary key,
    name text not null unique,
    user_name text not null unique,
    password_hash text not null,
    networks text not null,
    senders text not null,
    provider_id text,
    enabled integer not null,
    created_at bigint not null,
    last_seen_at bigint
);

create table api_keys (
    id text not null primary key,
    name text not null,
    secret_hash text not null,
    scopes text not null,
    created_at bigint not null,
    expires_at bigint,
    last_used_at bigint,
    revoked_at bigint
);
