-- Whether reports are read from a provider's mailbox, and where it is.
alter table providers add column read_reports integer not null default 0;
alter table providers add column imap_address text not null default '';     -- host:port
alter table providers add column imap_folder text not null default '';

-- How far each mailbox has been read. One node reads it at a time.
create table report_mailboxes (
    provider_id text not null primary key,
    uid_validity bigint,
    last_uid bigint,
    lease_owner text,
    lease_until bigint,
    looked_at bigint,
    found bigint not null default 0,    -- reports, since the beginning
    trouble text,                       -- why the last look failed
    remedy text
);
