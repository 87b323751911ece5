-- In whose name we send. Columns marked "sealed" hold text encrypted for their own table, row and column; the key ring is in the
-- data directory. Times are milliseconds since 1970 UTC. An empty text is "not set".

create table providers (
    id text not null primary key,
    name text not null unique,
    display_name text not null,
    type text not null,
    preset text not null,
    address text not null,
    port integer not null,
    security text not null,
    domain text not null,
    user_name text not null,
    tenant text not null,
    authority text not null,
    authorize_url text not null,
    token_url text not null,
    device_url text not null,
    client_id text not null,
    client_secret text,                 -- sealed
    client_secret_expires_at bigint,
    scope text not null,
    redirect_uri text not null,
    grant_type text not null,
    password text,                      -- sealed
    shared_mailbox integer not null,
    enabled integer not null,           -- the administrator's wish; it counts once there is something to sign in with
    paused integer not null,
    connections integer not null,
    messages_per_minute integer not null,
    recipients_per_day integer not null,
    message_bytes bigint not null,
    attention_reason text,              -- set: the provider needs attention
    attention_remedy text,
    probe_at bigint,
    state_since bigint not null,
    version bigint not null,            -- counts changes of settings and credentials, not of state
    created_at bigint not null
);

-- One row a provider. version is compared and set by whoever stores a token, so that a late answer never replaces a newer grant.
-- refresh_started_at is committed before a request leaves and cleared by its answer: where it is found set, a rotated refresh
-- token may have been lost on the way. The previous refresh token is kept until the new one has worked.
create table tokens (
    provider_id text not null primary key,
    version bigint not null,
    refresh_token text,                 -- sealed
    previous_refresh_token text,        -- sealed
    access_token text,                  -- sealed
    issued_at bigint,
    expires_at bigint,
    scope text,
    account text,
    lease_owner text,
    lease_until bigint,
    refresh_started_at bigint,
    broken_reason text,                 -- set: no request is made until probe_at, a new grant or a change of settings
    broken_remedy text,
    broken_probe_at bigint
);

-- Sign-ins that were started and not yet finished. Only the hash of the state is kept: whoever reads the table cannot answer one.
create table consents (
    state_hash text not null primary key,
    provider_id text not null,
    verifier text not null,             -- sealed
    redirect_uri text not null,
    token_url text not null,
    issuer text not null,
    actor text not null,
    expires_at bigint not null,
    used_at bigint
);
create index consents_by_expiry on consents (expires_at);
