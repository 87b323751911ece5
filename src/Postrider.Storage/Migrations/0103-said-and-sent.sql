-- What a provider has said of the pace of its mailbox: it concerns every node, and outlives a restart.
create table provider_words (
    provider_id text not null primary key,
    said_at bigint not null,
    share double precision not null,        -- of its pace, from then on
    stage text not null,
    reply text not null,
    cause text not null,
    remedy text not null,
    since bigint not null,
    until bigint not null
) /*sqlite: without rowid*/;

-- What each node of a shared database sends through each provider, as it says every few seconds.
create table node_sending (
    provider_id text not null,
    node_id text not null,
    said_at bigint not null,
    connections integer not null,
    sent_in_last_minute integer not null,
    sent_at bigint,
    primary key (provider_id, node_id)
) /*sqlite: without rowid*/;
