-- An act on many messages goes on without the page that began it: how far it is, and what it has reached, piece by piece; ids are
-- separated by blanks. Of one that ended without an end, nothing has moved for long.
alter table recent_acts add column total integer not null default 0;
alter table recent_acts add column done integer not null default 0;
alter table recent_acts add column reached integer not null default 0;
alter table recent_acts add column query text not null default '';        -- the filter of the list that it began from
alter table recent_acts add column may_undo integer not null default 1;
alter table recent_acts add column moved_at bigint not null default 0;
alter table recent_acts add column ended_at bigint;

create table recent_act_parts (
    act_id text not null,
    number integer not null,
    ids text not null,
    held text not null,         -- those that were held before
    primary key (act_id, number)
);
