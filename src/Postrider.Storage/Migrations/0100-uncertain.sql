-- What may have been sent is sent again, unless whoever handed it in has a person decide. A message keeps what held when it was accepted.
alter table clients add column hold_uncertain integer not null default 0;
alter table messages add column hold_uncertain integer not null default 0;
