-- Each row of the audit is numbered and bears an HMAC over the one before and itself, so that a change, a gap or a missing end shows.
-- What was written before has no number. The key is sealed with the key ring.

create table audit_keys (
    id text not null primary key,
    secret text,                        -- sealed; null: it was lost with its key ring
    created_at bigint not null
);

alter table audit_log add column seq bigint;
alter table audit_log add column hash text;         -- in hex
alter table audit_log add column key_id text;
create unique index audit_by_seq on audit_log (seq) where seq is not null;
