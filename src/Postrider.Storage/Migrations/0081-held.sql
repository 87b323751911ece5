-- A held message waits for a person: it is never due and does not expire until it is released.
alter table queue add column held_at bigint;
alter table queue add column held_reason text;
create index queue_held on queue (message_id) where held_at is not null;
drop index queue_expiry;
create index queue_expiry on queue (expires_at) where held_at is null;
create index queue_deferred on queue (provider_id, message_id) where attempts > 0;
