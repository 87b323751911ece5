-- What was sent through providers that have a limit: every permit of the last minute, and the sums of each minute of the last day.
-- Kept in the database, so that a limit holds over a restart and over all who share it. Times are milliseconds since 1970 UTC.

create table permits (
    provider_id text not null,
    at bigint not null,
    messages integer not null,
    primary key (provider_id, at)
) /*sqlite: without rowid*/;

create table minutes_of_sending (
    provider_id text not null,
    minute bigint not null,             -- its first millisecond
    messages bigint not null,
    recipients bigint not null,
    primary key (provider_id, minute)
) /*sqlite: without rowid*/;
