using Microsoft.AspNetCore.Http.Extensions;
using Postrider.Server.Api;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Reading;

/// <summary>The filter of the list as it stands in the address: the same words as the interface's, and a blank field narrows nothing.
/// Its times are in UTC.</summary>
internal sealed record MessageFilterForm(string? Q, string? State, string? Provider, string? Client, string? From, string? To, string? Since, string? Until)
{
    public static MessageFilterForm Of(HttpRequest request)
    {
        string? Given(string name) => request.Query[name].ToString().Trim() is { Length: > 0 } text ? text : null;
        return new(Given("q"), Given("state"), Given("provider"), Given("client"), Given("from"), Given("to"), Zone.Typed(request, "since"), Zone.Typed(request, "until"));
    }

    public bool IsEmpty => this == new MessageFilterForm(null, null, null, null, null, null, null, null);

    /// <summary>Fields that most people leave alone are in use.</summary>
    public bool UsesMore => Client is not null || Since is not null || Until is not null;

    public IEnumerable<(string Name, string? Value)> Fields => [("q", Q), ("state", State), ("provider", Provider), ("client", Client), ("from", From), ("to", To), ("since", Since), ("until", Until)];

    public MessageQuery AsQuery() => new() { State = State, Provider = Provider, Client = Client, From = From, To = To, Since = Since, Until = Until, Q = Q };

    /// <summary>The filter as a query, with more in front.</summary>
    public QueryString With(params IEnumerable<(string Name, string? Value)> more)
    {
        var query = new QueryBuilder();
        foreach (var (name, value) in more.Concat(Fields))
            if (value is not null)
                query.Add(name, value);
        return query.ToQueryString();
    }
}
