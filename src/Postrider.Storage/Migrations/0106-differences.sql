-- What a comparison with the installation that was backed up found: one row a message that waited in the backup and that it has dealt with
-- since. They stay until sending is released.

create table differences (
    message_id text not null primary key,
    provider_id text not null,
    kind text not null,                 -- sent, ended, partly, uncertain, held or unknown
    reached integer not null,           -- how many recipients were sent it there since
    at bigint                           -- when that was; null where it is not known
) /*sqlite: without rowid*/;
