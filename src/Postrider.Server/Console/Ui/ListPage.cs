using Microsoft.AspNetCore.Http.Extensions;

namespace Postrider.Server.Console.Ui;

/// <summary>One page of a list that is in memory, in the order of names, and what leads to the others.</summary>
internal abstract record ListPage(string Key, int Found, int Total, string? Find, string? Next, string? First)
{
    /// <summary>So many stand on a page; below that there is nothing to search.</summary>
    public const int Rows = 100;

    public bool IsLong => Total > Rows;

    /// <param name="key">Tells several lists of a page apart in its address.</param>
    /// <param name="text">What is searched, its name among it.</param>
    public static ListPage<T> Of<T>(HttpRequest request, string key, IEnumerable<T> all, Func<T, string> name, Func<T, string> text)
    {
        var (find, from) = (request.Query[key + "q"].ToString().Trim(), request.Query[key + "from"].ToString());
        var list = all.ToList();
        var found = list.Where(one => find.Length == 0 || text(one).Contains(find, StringComparison.OrdinalIgnoreCase)).OrderBy(name, StringComparer.Ordinal).ToList();
        var rows = found.Where(one => from.Length == 0 || string.CompareOrdinal(name(one), from) > 0).Take(Rows + 1).ToList();
        string Address(string? after)
        {
            var query = new QueryBuilder();
            if (find.Length > 0)
                query.Add(key + "q", find);
            if (after is not null)
                query.Add(key + "from", after);
            return request.PathBase + request.Path + query.ToQueryString();
        }
        return new(rows.Count > Rows ? rows[..Rows] : rows, key, found.Count, list.Count, find.Length > 0 ? find : null,
            rows.Count > Rows ? Address(name(rows[Rows - 1])) : null, from.Length > 0 ? Address(null) : null);
    }
}

/// <inheritdoc cref="ListPage"/>
internal sealed record ListPage<T>(IReadOnlyList<T> Shown, string Key, int Found, int Total, string? Find, string? Next, string? First)
    : ListPage(Key, Found, Total, Find, Next, First);
