-- More ways to get tokens, and the ring that secrets are sealed with. Columns marked "sealed" hold text encrypted for their own table,
-- row and column, which carries the id of its key. Times are milliseconds since 1970 UTC.
alter table providers add column client_authentication text not null default '';   -- empty: by what is there
alter table providers add column federated_token_file text not null default '';
alter table providers add column service_account_key text;                          -- sealed
alter table providers add column service_account text not null default '';         -- whose key it is
alter table providers add column authorize_parameters text not null default '';    -- form-encoded
alter table providers add column working_scope text not null default '';           -- asked for in the place of the scope as it was typed

-- Key pairs with which an application proves itself. At most one is current and one is next: it takes over once it was accepted.
create table client_certificates (
    id text not null primary key,
    provider_id text not null,
    state text not null,                -- current, next
    certificate text not null,          -- PEM
    private_key text not null,          -- sealed
    not_before bigint not null,
    not_after bigint not null
);
create unique index client_certificates_one_each on client_certificates (provider_id, state);

-- The last time that everything was to be sealed anew; unfinished, it goes on with the next start.
create table secret_rotation (
    id integer not null primary key,
    started_at bigint not null,
    finished_at bigint
);
