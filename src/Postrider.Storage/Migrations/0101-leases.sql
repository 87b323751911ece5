-- Cost every message two changes; what is claimed is found by when it is due.
drop index queue_leased;
