using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Mail.Intake;
using Postrider.Server.Console.Auditing;
using MailClient = Postrider.Mail.Intake.Client;

namespace Postrider.Server.Api;

/// <summary>The resources <c>clients</c> and <c>keys</c>: who may hand in mail, and who may use this interface.</summary>
internal static class AccessApi
{
    public static void MapAccess(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/clients").RequireAuthorization(ApiKeys.Admin).WithTags("clients");
        clients.MapGet("", ListClients).WithSummary("Lists the applications and devices that may hand in mail");
        clients.MapPost("", AddClient).Accepts<ClientInput>("application/json").WithSummary("Adds one, and shows its password this once");
        clients.MapGet("/{name}", ShowClient).WithSummary("Shows one");
        clients.MapPatch("/{name}", ChangeClient).Accepts<ClientChange>("application/json").WithSummary("Changes some of its members");
        clients.MapPost("/{name}/password", RotatePassword).Accepts<ClientRotation>("application/json").WithSummary("Makes another password, and shows it this once; the old one works beside it for a while");
        clients.MapDelete("/{name}/password/previous", EndPrevious).WithSummary("Ends the password before the present one now");
        clients.MapDelete("/{name}", RemoveClient).WithSummary("Takes its access away at once");
        var keys = routes.MapGroup("/keys").RequireAuthorization(ApiKeys.Admin).WithTags("keys");
        keys.MapGet("", ListKeys).WithSummary("Lists the API keys");
        keys.MapPost("", AddKey).Accepts<KeyInput>("application/json").WithSummary("Makes a key, and shows it this once");
        keys.MapDelete("/{id}", RevokeKey).WithSummary("Revokes a key at once");
    }

    private static Ok<Page<ClientView>> ListClients(ClientDirectory clients, ProviderDirectory providers) =>
        TypedResults.Ok(new Page<ClientView> { Items = [.. clients.All.Select(client => View(client, providers))] });

    private static async Task<Results<Created<ClientCreated>, ProblemHttpResult>> AddClient(
        HttpRequest request, ClientRules rules, ClientDirectory clients, ProviderDirectory providers, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<ClientInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        var (client, errors) = rules.New(input);
        if (client is null)
            return Problems.Validation(errors);
        if (rules.IsTaken(client))
            return Problems.Conflict($"There is a client {input.Name} already.", "Take another name, or remove that client first.");
        var (added, password) = await clients.AddAsync(client, cancellation);
        request.HttpContext.Note("client added", added.Name);
        return TypedResults.Created($"/api/v1/clients/{added.Name}", Created(View(added, providers), password));
    }

    private static Results<Ok<ClientView>, ProblemHttpResult> ShowClient(string name, ClientDirectory clients, ProviderDirectory providers) =>
        clients.Find(name) is { } client ? TypedResults.Ok(View(client, providers)) : MissingClient(name);

    private static async Task<Results<Ok<ClientView>, ProblemHttpResult>> ChangeClient(
        string name, HttpRequest request, ClientRules rules, ClientDirectory clients, ProviderDirectory providers, CancellationToken cancellation)
    {
        var (change, unreadable) = await WireJson.ReadAsync<ClientChange>(request, cancellation);
        if (change is null)
            return unreadable!;
        if (clients.Find(name) is not { } before)
            return MissingClient(name);
        var (client, errors) = rules.Changed(before, change);
        if (client is null)
            return Problems.Validation(errors);
        await clients.ChangeAsync(client, cancellation);
        request.HttpContext.Note("client changed", client.Name);
        return TypedResults.Ok(View(client, providers));
    }

    private static async Task<Results<Ok<ClientCreated>, ProblemHttpResult>> RotatePassword(
        string name, HttpRequest request, ClientDirectory clients, ProviderDirectory providers, CancellationToken cancellation)
    {
        var (rotation, unreadable) = await WireJson.ReadAsync<ClientRotation>(request, cancellation);
        if (rotation is null)
            return unreadable!;
        if (clients.Find(name) is not { } client)
            return MissingClient(name);
        if (rotation.KeepOldHours is < 0 or > ClientRules.LongestOverlapHours)
            return Problems.Validation("keepOldHours", $"Write a number from 0 to {ClientRules.LongestOverlapHours}.");
        var password = await clients.RotateAsync(client.Id, TimeSpan.FromHours(rotation.KeepOldHours), cancellation);
        request.HttpContext.Note("client password changed", client.Name, $"the old one works for {rotation.KeepOldHours} h");
        return TypedResults.Ok(Created(View(clients.Find(client.Id)!, providers), password));
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> EndPrevious(string name, HttpContext context, ClientDirectory clients, CancellationToken cancellation)
    {
        if (clients.Find(name) is not { } client)
            return MissingClient(name);
        await clients.EndPreviousAsync(client.Id, cancellation);
        context.Note("client old password ended", client.Name);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RemoveClient(string name, HttpContext context, ClientDirectory clients, CancellationToken cancellation)
    {
        if (clients.Find(name) is not { } client || !await clients.RemoveAsync(client.Id, cancellation))
            return MissingClient(name);
        context.Note("client removed", client.Name);
        return TypedResults.NoContent();
    }

    private static ProblemHttpResult MissingClient(string name) => Problems.NotFound($"client \"{name}\"");

    private static Ok<Page<KeyView>> ListKeys(ApiKeys keys) => TypedResults.Ok(new Page<KeyView>
    {
        Items = [.. keys.All.Select(key => new KeyView
        {
            Id = key.Id, Name = key.Name, Scopes = key.Scopes.Split(' '), CreatedAt = Moment(key.CreatedAt)!.Value,
            ExpiresAt = Moment(key.ExpiresAt), LastUsedAt = Moment(key.LastUsedAt), RevokedAt = Moment(key.RevokedAt),
        })],
    });

    private static async Task<Results<Created<KeyCreated>, ProblemHttpResult>> AddKey(
        HttpRequest request, ApiKeys keys, ClientRules rules, CancellationToken cancellation)
    {
        var (input, unreadable) = await WireJson.ReadAsync<KeyInput>(request, cancellation);
        if (input is null)
            return unreadable!;
        var errors = rules.WrongIn(input);
        if (errors.Count > 0)
            return Problems.Validation(errors);
        var (row, key) = await keys.AddAsync(input.Name, input.Scopes, input.ExpiresAt, cancellation);
        request.HttpContext.Note("key made", $"{row.Name} {row.Id}", string.Join(", ", input.Scopes));
        return TypedResults.Created($"/api/v1/keys/{row.Id}", new KeyCreated
        {
            Id = row.Id, Name = row.Name, Scopes = input.Scopes, CreatedAt = Moment(row.CreatedAt)!.Value, ExpiresAt = input.ExpiresAt, Key = key,
        });
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> RevokeKey(string id, HttpContext context, ApiKeys keys, CancellationToken cancellation)
    {
        var key = keys.All.FirstOrDefault(one => one.Id == id);
        if (!await keys.RevokeAsync(id, cancellation))
            return Problems.NotFound($"key \"{id}\" that is still valid");
        context.Note("key revoked", $"{key?.Name} {id}");
        return TypedResults.NoContent();
    }

    private static ClientView View(MailClient client, ProviderDirectory providers) => new()
    {
        Name = client.Name, UserName = client.UserName, Networks = [.. client.Networks.Select(network => network.ToString())],
        Senders = client.Senders, Provider = client.ProviderId is { } id ? providers.Find(id)?.Name ?? id : null, MessagesPerDay = client.MessagesPerDay > 0 ? client.MessagesPerDay : null,
        Uncertain = client.HoldUncertain ? UncertainMail.Hold : UncertainMail.Retry,
        CreatedAt = client.CreatedAt, LastSeenAt = client.LastSeenAt, PreviousPasswordUntil = client.PreviousUntil, PreviousPasswordUsedAt = client.PreviousUsedAt,
    };

    private static ClientCreated Created(ClientView view, string password) => new()
    {
        Name = view.Name, UserName = view.UserName, Networks = view.Networks, Senders = view.Senders, Provider = view.Provider, MessagesPerDay = view.MessagesPerDay, Uncertain = view.Uncertain,
        CreatedAt = view.CreatedAt, LastSeenAt = view.LastSeenAt, PreviousPasswordUntil = view.PreviousPasswordUntil, Password = password,
    };

    private static DateTimeOffset? Moment(long? milliseconds) => milliseconds is { } known ? DateTimeOffset.FromUnixTimeMilliseconds(known) : null;
}
