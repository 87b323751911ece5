-- What failed or bounced of a provider, without a look at what it sent.
create index messages_failed on messages (provider_id, state, id) where state in ('failed', 'bounced');
