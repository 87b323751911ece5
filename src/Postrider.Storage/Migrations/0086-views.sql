-- Filters of the list of messages that a person has given a name.
create table message_views (
    person_id text not null,
    name text not null,
    query text not null,
    primary key (person_id, name)
);
