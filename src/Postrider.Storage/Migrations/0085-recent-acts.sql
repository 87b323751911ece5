-- What a person did to many messages a moment ago, to be taken back; ids are separated by blanks.
create table recent_acts (
    id text not null primary key,
    actor text not null,
    act text not null,
    at bigint not null,
    ids text not null,
    held text not null          -- those that were held before
);
