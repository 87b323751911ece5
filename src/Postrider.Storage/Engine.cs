namespace Postrider.Storage;

/// <summary>What a database must be able to do, in the words of its two engines.</summary>
internal abstract class Engine : IAsyncDisposable
{
    public virtual bool IsShared => false;
    public virtual bool Answers => true;
    public abstract TimeProvider Clock { get; }
    public virtual TimeSpan MachineAhead => TimeSpan.Zero;

    public abstract Task<T> WriteAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation);
    public abstract Task<T> ReadAsync<T>(Func<DbSession, Task<T>> query, bool oneMoment, CancellationToken cancellation);

    /// <summary>Like <see cref="WriteAsync{T}"/>, for statements that may take as long as they need.</summary>
    public virtual Task<T> MigrateAsync<T>(Func<DbSession, Task<T>> work, CancellationToken cancellation) => WriteAsync(work, cancellation);

    /// <summary>Whether new mail of so many octets may be stored.</summary>
    public virtual bool HasRoomFor(long octets) => true;

    /// <inheritdoc cref="Database.GiveBackAsync"/>
    public virtual Task GiveBackAsync(CancellationToken cancellation) => Task.CompletedTask;

    public virtual void Tell(string what)
    {
        // A database of one process has nobody else to tell.
    }

    public event Action<string?>? Heard;
    public abstract event Action<Exception>? Broken;

    protected void OnHeard(string? what) => Heard?.Invoke(what);

    public abstract ValueTask DisposeAsync();
}
