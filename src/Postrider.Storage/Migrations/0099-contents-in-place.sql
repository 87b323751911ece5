-- Most messages fit a page: they stay in their row, and nobody tries to compress what leaves again in seconds.
/*postgres:
alter table contents alter column bytes set storage external;
alter table contents set (toast_tuple_target = 8160);
*/
