-- While a client's password is being changed the one before it works beside the new one, until a moment; when it was last used tells
-- which devices still have it. A client may be limited to so many messages in 24 hours; zero: any number.
alter table clients add column previous_hash text;
alter table clients add column previous_until bigint;
alter table clients add column previous_used_at bigint;
alter table clients add column messages_per_day integer not null default 0;
