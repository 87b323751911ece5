-- What is wrong, from its beginning to its end, and who is told. Times are milliseconds since 1970 UTC.

-- One row a cause and occurrence; while it is open no second one of the same cause can be.
create table incidents (
    id text not null primary key,
    cause text not null,                -- provider:ID, secret:ID, queue:ID, storage, …
    kind text not null,
    severity text not null,             -- warning or error
    provider_id text,
    title text not null,
    detail text not null,
    remedy text not null,
    step integer not null,              -- of an end that comes nearer: the warning that was given last, in days
    reminders integer not null,
    opened_at bigint not null,
    told_at bigint not null,
    recovered_at bigint
);
create unique index incidents_open on incidents (cause) where recovered_at is null;

-- What happened, for whoever follows by cursor: ids ascend in the order of the commits. Thin: who wants more asks for the thing.
create table feed (
    id text not null primary key,
    at bigint not null,
    type text not null,
    provider_id text,
    message_id text,
    incident_id text,
    data text not null,                 -- JSON
    mail_due integer not null           -- 1: the alert mail about it has not been handed in yet
) /*sqlite: without rowid*/;
create index feed_mail_due on feed (mail_due) where mail_due = 1;
create index feed_by_age on feed (at);

create table webhooks (
    id text not null primary key,
    name text not null unique,
    url text not null,
    events text not null,               -- types, separated by blanks; empty: all
    secret text not null,               -- sealed
    previous_secret text,               -- sealed; signs beside the new one until previous_until
    previous_until bigint,
    enabled integer not null,
    disabled_reason text,
    failing_since bigint,
    last_error text,
    created_at bigint not null
);

create table webhook_deliveries (
    id text not null primary key,       -- the webhook-id of the receiver: the same at every attempt
    webhook_id text not null,
    event_id text not null,
    type text not null,
    payload text not null,
    state text not null,                -- pending, delivered, failed
    attempts integer not null,
    due_at bigint not null,
    status integer,
    error text,
    created_at bigint not null,
    last_at bigint
);
create index webhook_deliveries_due on webhook_deliveries (due_at) where state = 'pending';
create index webhook_deliveries_by_webhook on webhook_deliveries (webhook_id, id);

-- Where alert mail goes; at most one row. Without it the settings Alerts:To and Alerts:Provider count.
create table alert_mail (
    id integer not null primary key,
    recipients text not null,           -- separated by blanks
    provider_id text
);

-- One-time links that start a sign-in. Only the hash is kept.
create table reconnects (
    token_hash text not null primary key,
    provider_id text not null,
    expires_at bigint not null,
    used_at bigint
);

-- How long grants lived: a pattern in it tells what no error does, such as the seven days of a Google app in testing.
create table grant_lives (
    provider_id text not null,
    begun_at bigint not null,
    ended_at bigint,
    primary key (provider_id, begun_at)
);
