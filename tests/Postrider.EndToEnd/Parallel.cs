// Tests here wait for servers and for the disk as often as for the processor.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]
