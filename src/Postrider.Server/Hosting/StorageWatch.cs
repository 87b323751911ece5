using Postrider.Storage;

namespace Postrider.Server.Hosting;

/// <summary>Ends the process when the database has failed for good: whoever restarts it finds what is really on disk.</summary>
internal sealed class StorageWatch(Database database, IHostApplicationLifetime lifetime)
{
    public bool HasFailed { get; private set; }

    public void Start() => database.Broken += _ =>
    {
        HasFailed = true;
        lifetime.StopApplication();
    };
}
