-- How a person signs in, beyond the password. Times are milliseconds since 1970 UTC.

alter table people add column totp_secret text;             -- sealed; counts from totp_since on
alter table people add column totp_since bigint;            -- null: begun, and not confirmed yet
alter table people add column totp_step bigint not null default 0;  -- of the last code: each works once
alter table people add column oidc_subject text;            -- issuer, a blank, and the subject there
create unique index people_by_subject on people (oidc_subject) where oidc_subject is not null;

-- Used up one by one when the other device is lost.
create table recovery_codes (
    person_id text not null,
    code_hash text not null,
    primary key (person_id, code_hash)
) /*sqlite: without rowid*/;

create table passkeys (
    credential_id text not null primary key,    -- base64url
    person_id text not null,
    name text not null,
    public_key bytea not null,
    sign_count bigint not null,
    transports text not null,
    user_verified integer not null,
    backup_eligible integer not null,
    backed_up integer not null,
    created_at bigint not null,
    used_at bigint
);
create index passkeys_by_person on passkeys (person_id);

-- When the person last proved to be there, and with what.
alter table console_sessions add column proved_at bigint not null default 0;
alter table console_sessions add column way text not null default 'password';

create index audit_by_target on audit_log (target, id);
