-- Who hands in mail shares a provider with the others: a claim takes from each of them in turn, so that one's long queue does not
-- hold up another's single message.
alter table queue add column sharer text not null default '';
update queue set sharer = coalesce((select coalesce(client_id, source) from messages where messages.id = queue.message_id), 'smtp');
drop index queue_due;
create index queue_due on queue (provider_id, sharer, due_at);
