-- Messages that were in hand both times when a process died: they are sent alone, and held when that ends it once more.
create index queue_suspects on queue (provider_id, message_id) where rescues >= 2;
