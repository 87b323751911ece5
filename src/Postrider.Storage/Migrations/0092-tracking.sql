-- What came back about mail that a provider took, and whom nothing is sent to any more. Times are milliseconds since 1970 UTC.

-- One row a mail that came back, whichever way. Ids ascend with the time of receipt.
create table report_mails (
    id text not null primary key,
    received_at bigint not null,
    source text not null,               -- http, console or mailbox
    submitter text not null,            -- who handed it in; of a mailbox, its provider's name
    provider_id text,                   -- whose mailbox it was in
    digest text not null,               -- SHA-256, in hex: what comes twice is kept once
    sender text not null,
    subject text not null,
    size bigint not null,
    bytes bytea                         -- its beginning; null once it is no longer kept
);
create unique index report_mails_once on report_mails (digest);

-- One row a recipient that a mail tells of, and one for a mail that tells of none.
create table reports (
    id text not null primary key,
    mail_id text not null,
    kind text not null,                 -- bounce, delay, delivery, relay, receipt, complaint, reply or unread
    certainty text not null,            -- certain, probable or unknown: whether it is about message_id
    message_id text,
    recipient integer,                  -- its number in the message, where it is known
    address text,
    status text,                        -- RFC 3463
    class text,                         -- of a bounce or delay: what the status is about
    diagnostic text,
    remote_server text,
    changed integer not null            -- 1: the recipient's state follows from it
);
create index reports_by_mail on reports (mail_id);
create index reports_by_message on reports (message_id) where message_id is not null;
create index reports_by_kind on reports (kind, id);

create table suppressions (
    id text not null primary key,       -- ascends with the time of adding
    address text not null unique,       -- in small letters, the domain in ASCII
    reason text not null,               -- bounce or person
    detail text not null,
    actor text not null,
    message_id text,                    -- the one that bounced
    added_at bigint not null
);

-- How many recipients were not sent to, because they were on that list when the message was accepted.
alter table messages add column suppressed integer not null default 0;
