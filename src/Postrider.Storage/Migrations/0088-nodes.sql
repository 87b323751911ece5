-- How far the clock of a node's machine is ahead of the database's, in milliseconds.
alter table nodes add column clock_ahead bigint not null default 0;
