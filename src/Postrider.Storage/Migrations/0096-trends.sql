-- What happened in each stretch of time, for pictures: stretches of 5 minutes are kept for a day, and those of an hour for a week. Added
-- up while it happens, so that a picture reads a few rows and no messages. Times are milliseconds since 1970 UTC.

create table trends (
    provider_id text not null,          -- empty: all providers together
    minutes integer not null,           -- how long the stretch is
    at bigint not null,                 -- its first millisecond
    sent bigint not null,
    failed bigint not null,
    delayed bigint not null,            -- attempts that were put off
    waiting bigint not null,            -- the most that waited at a look
    oldest bigint not null,             -- the longest that one had waited, in milliseconds
    health integer not null,            -- the worst: 0 mail flows, 1 paused or off, 2 not taking mail, 3 needs somebody
    primary key (provider_id, minutes, at)
) /*sqlite: without rowid*/;
create index trends_by_age on trends (minutes, at);

-- How long messages took from acceptance to the provider's 250; step s stands for 2 to the power of s/2 milliseconds.
create table trend_times (
    provider_id text not null,
    minutes integer not null,
    at bigint not null,
    step integer not null,
    messages bigint not null,
    primary key (provider_id, minutes, at, step)
) /*sqlite: without rowid*/;
create index trend_times_by_age on trend_times (minutes, at);
