-- Which mail a provider sends beside that of its mailbox, and who takes over when it cannot.
alter table providers add column senders text not null default '';      -- addresses and @domains, separated by blanks
alter table providers add column is_default integer not null default 0;
alter table providers add column failover text not null default '';     -- the name of another provider
