-- What ended otherwise than sent, few among many, for whoever looks for it. The state of a message is in no index: what becomes of
-- a message that is sent changes none. The database keeps the list by itself, so that whoever changes a state keeps it too, and a node of the version before as well.

create table other_ends (
    message_id text not null primary key,
    provider_id text not null,
    state text not null                 -- failed, bounced, cancelled, delayed or delivered
) /*sqlite: without rowid*/;
create index other_ends_by_state on other_ends (state, message_id);
create index other_ends_by_provider on other_ends (provider_id, state, message_id);

/*sqlite:
create trigger messages_end after update of state on messages when new.state <> old.state and (new.state <> 'sent' or old.state <> 'queued') begin
    delete from other_ends where message_id = old.id;
    insert into other_ends (message_id, provider_id, state)
    select new.id, new.provider_id, new.state where new.state <> 'sent' and new.state <> 'queued';
end;
create trigger messages_gone after delete on messages when old.state <> 'sent' begin
    delete from other_ends where message_id = old.id;
end;
*/
/*postgres:
create function follow_ends() returns trigger language plpgsql as $$
begin
    delete from other_ends where message_id = old.id;
    if tg_op = 'UPDATE' and new.state <> 'sent' and new.state <> 'queued' then
        insert into other_ends (message_id, provider_id, state) values (new.id, new.provider_id, new.state);
    end if;
    return null;
end
$$;
create trigger messages_end after update of state on messages for each row
    when (new.state <> old.state and (new.state <> 'sent' or old.state <> 'queued')) execute function follow_ends();
create trigger messages_gone after delete on messages for each row when (old.state <> 'sent') execute function follow_ends();

-- An update that changes no index finds room on its own page.
alter table messages set (fillfactor = 50);
alter table recipients set (fillfactor = 50);
*/

insert into other_ends (message_id, provider_id, state) select id, provider_id, state from messages where state <> 'sent' and state <> 'queued';
drop index messages_unsent;
drop index messages_failed;
