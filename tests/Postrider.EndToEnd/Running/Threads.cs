using System.Runtime.CompilerServices;

// Most tests wait for a process, a database or a moment: four at a time keep two cores busy.
[assembly: Xunit.v3.Parallelization(MaxThreads = 4)]

namespace Postrider.EndToEnd.Running;

/// <summary>Several gateways, a provider and an identity platform share this process, and some of what they do holds a thread while it waits:
/// with a thread for each core, and one more a second, the others would wait for theirs.</summary>
internal static class Threads
{
    [ModuleInitializer]
    internal static void Begin() => ThreadPool.SetMinThreads(32, 32);
}
