-- What was said in an attempt that did not reach everybody, without the sign-in and the content.
alter table attempts add column transcript text;
-- Who handed a message in, where that was no client: an API key, or a person.
alter table messages add column submitter text;
