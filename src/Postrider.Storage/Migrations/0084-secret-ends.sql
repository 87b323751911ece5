-- When an application was last asked when its secret ends, and for which version of the provider.
alter table providers add column secret_asked_at bigint;
alter table providers add column secret_asked_version bigint;
