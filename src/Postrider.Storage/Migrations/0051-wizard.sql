-- Providers that somebody began to set up in the console: what was typed, kept until the set-up is finished. Times are milliseconds
-- since 1970 UTC.
create table provider_drafts (
    id text not null primary key,
    person text not null,                   -- who began it
    typed text not null,                    -- form-encoded; nothing secret
    secrets text,                           -- sealed, form-encoded; null once the provider is made, which then has them
    provider_id text,                       -- the provider that was made of it
    created_at bigint not null,
    updated_at bigint not null
);

-- Where in the console a sign-in leads back to; empty: it was not started there.
alter table consents add column return_to text not null default '';
