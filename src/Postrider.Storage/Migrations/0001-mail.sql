-- Times are milliseconds since 1970 UTC. A message's bytes, its queue entry and its history are kept apart: the queue is
-- narrow and its rows leave when every recipient has a final outcome, while the history is written once and read often.

create table messages (
    id text not null primary key,
    provider_id text not null,
    client_id text,
    source text not null,
    mail_from text not null,
    header_from text not null,
    subject text not null,
    header_id text not null,
    remote_id text,
    size bigint not null,
    eight_bit integer not null,
    smtp_utf8 integer not null,
    report_of text,
    state text not null,
    accepted_at bigint not null,
    expires_at bigint not null,
    finished_at bigint
) /*sqlite: without rowid*/;
create index messages_by_provider on messages (provider_id, id);
create index messages_by_sender on messages (lower(mail_from), id);
create index messages_by_client on messages (client_id, id) where client_id is not null;
create index messages_unsent on messages (state, id) where state <> 'sent';

create table contents (
    message_id text not null,
    number integer not null,
    bytes bytea not null,
    primary key (message_id, number)
);

create table recipients (
    message_id text not null,
    number integer not null,
    address text not null,
    state text not null,
    uncertain integer not null default 0,
    reply text,
    cause text,
    remedy text,
    updated_at bigint not null,
    primary key (message_id, number)
) /*sqlite: without rowid*/;
create index recipients_by_address on recipients (lower(address), message_id);

-- One row a message that still has somebody to reach. A claim moves due_at to the end of its lease, so that a worker
-- that dies leaves its messages due again, and every claim gets a new fence. dot_at is set just before the final dot.
create table queue (
    message_id text not null primary key,
    provider_id text not null,
    due_at bigint not null,
    expires_at bigint not null,
    attempts integer not null default 0,
    fence bigint not null default 0,
    rescues integer not null default 0,
    lease_owner text,
    claimed_at bigint,
    dot_at bigint
) /*sqlite: without rowid*/;
create index queue_due on queue (provider_id, due_at);
create index queue_expiry on queue (expires_at);
create index queue_leased on queue (lease_owner) where lease_owner is not null;

create table attempts (
    message_id text not null,
    number integer not null,
    provider_id text not null,
    started_at bigint not null,
    dot_at bigint,
    finished_at bigint not null,
    outcome text not null,
    stage text,
    reply text not null,
    cause text,
    remedy text,
    primary key (message_id, number)
) /*sqlite: without rowid*/;

create table attempt_replies (
    message_id text not null,
    attempt integer not null,
    recipient integer not null,
    outcome text not null,
    reply text not null,
    primary key (message_id, attempt, recipient)
) /*sqlite: without rowid*/;

create table events (
    message_id text not null,
    at bigint not null,
    kind text not null,
    actor text not null,
    detail text not null
);
create index events_by_message on events (message_id, at);

create table idempotency_keys (
    owner text not null,
    key text not null,
    fingerprint text not null,
    message_id text not null,
    created_at bigint not null,
    primary key (owner, key)
) /*sqlite: without rowid*/;
create index idempotency_by_age on idempotency_keys (created_at);
