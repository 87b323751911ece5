// A good part of the tests waits for PostgreSQL: four at a time keep two cores busy.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]
