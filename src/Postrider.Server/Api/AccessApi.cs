using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Api;

/// <summary>The resources <c>clients</c> and <c>keys</c>: who may hand in mail, and who may use this interface.</summary>
internal static partial class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/clients").RequireAuthorization(ApiKeys.Admin).WithTags("clients");
        clients.MapGet("", ListClients).WithSummary("Lists the applications and devices that may hand in mail");
        clients.MapPost("", AddClient).Accepts<ClientInput>("application/json").WithSummary("Adds one, and shows its password this once");
        clients.MapDelete("/{name}", RemoveClient).WithSummary("Takes its access away at once");
        var keys = routes.MapGroup("/keys").RequireAuthorization(ApiKeys.Admin).WithTags("keys");
        keys.MapGet("", ListKeys).WithSummary("Lists the API keys");
        keys.MapPost("", AddKey).Accepts<KeyInput>("application/json").WithSummary("Makes a key, and shows it this once");
        keys.MapDelete("/{id}", RevokeKey).WithSummary("Revokes a key at once");
    }

    private static Ok<Page<ClientView>> ListClients(ClientDirectory clients, ProviderDirectory providers) =>
        TypedResults.Ok(new Page<ClientView> { Items = [.. clients.All.Select(client => View(client, providers))] });

    private static async Task<Results<Created<ClientCreated>, ProblemHttpResult>> AddClient(
        HttpRequest request, ClientDirectory clients, ProviderDirectory providers, TimeProvider time, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<ClientInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        var userName = input.UserName is { Length: > 0 } given ? given : input.Name;
        var errors = new Dictionary<string, string[]>();
        if (!NamePattern().IsMatch(input.Name))
            errors["name"] = ["Give it a name of letters, digits, '.', '-' and '_', such as printer-3rd-floor."];
        if (userName.Length > 128 || userName.Any(letter => char.IsControl(letter) || char.IsWhiteSpace(letter)))
            errors["userName"] = ["A user name has no spaces or control characters, and at most 128 characters."];
        var networks = new List<IPNetwork>();
        foreach (var text in input.Networks)
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else if (IPAddress.TryParse(text, out var single))
                networks.Add(new IPNetwork(single, single.GetAddressBytes().Length * 8));
            else
                errors["networks"] = [$"\"{text}\" is not a network. Write it like 192.168.1.0/24 or 192.168.1.17."];
        foreach (var sender in input.Senders)
            if (!SmtpAddress.TryParse(sender.StartsWith('@') ? "x" + sender : sender, out _))
                errors["senders"] = [$"\"{sender}\" is neither an address nor a domain. Write alerts@example.org or @example.org."];
        var provider = input.Provider is { Length: > 0 } name ? providers.Find(name) : null;
        if (input.Provider is { Length: > 0 } && provider is null)
            errors["provider"] = [$"There is no provider \"{input.Provider}\"."];
        if (errors.Count > 0)
            return Problems.Validation(errors);
        if (clients.All.Any(client => client.Name == input.Name || client.UserName.Equals(userName, StringComparison.OrdinalIgnoreCase)))
            return Problems.Conflict($"There is a client {input.Name} already.", "Take another name, or remove that client first.");
        var (added, password) = await clients.AddAsync(new MailClient
        {
            Id = MessageIds.New(time), Name = input.Name, UserName = userName, Networks = networks, Senders = [.. input.Senders],
            ProviderId = provider?.Id, CreatedAt = time.GetUtcNow(),
        }, cancellation);
        var view = View(added, providers);
        return TypedResults.Created($"/api/v1/clients/{added.Name}", new ClientCreated
        {
            Name = view.Name, UserName = view.UserName, Networks = view.Networks, Senders = view.Senders, Provider = view.Provider,
            CreatedAt = view.CreatedAt, Password = password,
        });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveClient(string name, ClientDirectory clients, CancellationToken cancellation) =>
        clients.Find(name) is { } client && await clients.RemoveAsync(client.Id, cancellation)
            ? TypedResults.NoContent()
            : Problems.NotFound($"client \"{name}\"");

    private static Ok<Page<KeyView>> ListKeys(ApiKeys keys) => TypedResults.Ok(new Page<KeyView>
    {
        Items = [.. keys.All.Select(key => new KeyView
        {
            Id = key.Id, Name = key.Name, Scopes = key.Scopes.Split(' '), CreatedAt = Moment(key.CreatedAt)!.Value,
            ExpiresAt = Moment(key.ExpiresAt), LastUsedAt = Moment(key.LastUsedAt), RevokedAt = Moment(key.RevokedAt),
        })],
    });

    private static async Task<Results<Created<KeyCreated>, ProblemHttpResult>> AddKey(
        HttpRequest request, ApiKeys keys, TimeProvider time, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<KeyInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        var errors = new Dictionary<string, string[]>();
        if (!NamePattern().IsMatch(input.Name))
            errors["name"] = ["Give it a name of letters, digits, '.', '-' and '_' that says who uses it."];
        if (input.Scopes.Count == 0 || input.Scopes.Any(scope => !ApiKeys.Scopes.Contains(scope)))
            errors["scopes"] = [$"Name what the key may do: {string.Join(", ", ApiKeys.Scopes)}."];
        if (input.ExpiresAt <= time.GetUtcNow())
            errors["expiresAt"] = ["The key would have expired already."];
        if (errors.Count > 0)
            return Problems.Validation(errors);
        var (row, key) = await keys.AddAsync(input.Name, input.Scopes, input.ExpiresAt, cancellation);
        return TypedResults.Created($"/api/v1/keys/{row.Id}", new KeyCreated
        {
            Id = row.Id, Name = row.Name, Scopes = input.Scopes, CreatedAt = Moment(row.CreatedAt)!.Value, ExpiresAt = input.ExpiresAt, Key = key,
        });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeKey(string id, ApiKeys keys, CancellationToken cancellation) =>
        await keys.RevokeAsync(id, cancellation) ? TypedResults.NoContent() : Problems.NotFound($"key \"{id}\" that is still valid");

    private static ClientView View(MailClient client, ProviderDirectory providers) => new()
    {
        Name = client.Name, UserName = client.UserName, Networks = [.. client.Networks.Select(network => network.ToString())],
        Senders = client.Senders, Provider = client.ProviderId is { } id ? providers.Find(id)?.Name ?? id : null,
        CreatedAt = client.CreatedAt, LastSeenAt = client.LastSeenAt,
    };

    private static DateTimeOffset? Moment(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._\-]{0,62}$")]
    private static partial Regex NamePattern();
}
