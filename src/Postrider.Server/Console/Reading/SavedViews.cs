using Postrider.Storage;

namespace Postrider.Server.Console.Reading;

/// <summary>A filter of the list of messages under a name, as the query of its address.</summary>
internal sealed class SavedView
{
    public string Name { get; init; } = "";
    public string Query { get; init; } = "";
}

/// <summary>Each person's own views.</summary>
internal sealed class SavedViews(Database database)
{
    public const int Most = 20, LongestName = 40;

    public Task<IReadOnlyList<SavedView>> OfAsync(string personId, CancellationToken cancellation) =>
        database.ReadAsync(session => session.QueryAsync<SavedView>("select name, query from message_views where person_id = @personId order by lower(name)", new { personId }), cancellation);

    /// <summary>Keeps a view; one of the same name is replaced.</summary>
    /// <returns>False when there are as many as there may be.</returns>
    public Task<bool> KeepAsync(string personId, string name, string query, CancellationToken cancellation) =>
        database.WriteAsync(async session =>
        {
            await session.ExecuteAsync("delete from message_views where person_id = @personId and name = @name", new { personId, name });
            if (await session.SingleAsync<long>("select count(*) from message_views where person_id = @personId", new { personId }) >= Most)
                return false;
            await session.ExecuteAsync("insert into message_views (person_id, name, query) values (@personId, @name, @query)", new { personId, name, query });
            return true;
        }, cancellation);

    public Task RemoveAsync(string personId, string name, CancellationToken cancellation) =>
        database.WriteAsync(session => session.ExecuteAsync("delete from message_views where person_id = @personId and name = @name", new { personId, name }), cancellation);
}
