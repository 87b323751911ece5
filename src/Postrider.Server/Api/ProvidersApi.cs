using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Api;

/// <summary>The resource <c>providers</c>: in whose name mail is sent.</summary>
internal static class ProvidersApi
{
    private const int LargestBody = 256 * 1024;

    public static RouteGroupBuilder MapProviders(this IEndpointRouteBuilder routes)
    {
        var all = routes.MapGroup("").WithTags("providers").WithMetadata(new RequestSizeLimitAttribute(LargestBody));
        all.MapGet("/provider-presets", ListPresets).WithSummary("Lists what is known in advance about providers");
        var group = all.MapGroup("/providers");
        group.MapGet("", List).WithSummary("Lists the providers");
        group.MapPost("", Add).Accepts<ProviderInput>("application/json").WithSummary("Adds a provider");
        group.MapPost("/import", ProviderImportApi.Import).Accepts<ProviderImportRequest>("application/json").WithSummary("Makes providers of what other programs knew, or of values copied from a portal").Audited("providers imported");
        group.MapGet("/{name}/script", ProviderImportApi.Script).Produces<string>(StatusCodes.Status200OK, "text/plain").WithSummary("Writes the script that registers a provider's application (azure-cli, powershell, graph)");
        group.MapGet("/{name}", Show).WithSummary("Shows a provider, without its secrets");
        group.MapPut("/{name}", Replace).Accepts<ProviderInput>("application/json").WithSummary("Replaces a provider's settings; secrets left out stay").Audited("provider replaced");
        group.MapPatch("/{name}", Patch).Accepts<ProviderInput>("application/merge-patch+json", "application/json").WithSummary("Changes some of a provider's settings (RFC 7396)").Audited("provider changed");
        group.MapDelete("/{name}", Remove).WithSummary("Removes a provider for which no message waits").Audited("provider removed");
        group.MapPost("/{name}/authorize", Authorize).WithSummary("Starts a sign-in as the provider's mailbox").Audited("sign-in started");
        group.MapPost("/{name}/authorize/complete", Complete).Accepts<ProviderAuthorizeComplete>("application/json").WithSummary("Finishes a sign-in with the address the browser landed on").Audited("sign-in finished");
        group.MapProviderGrants();
        // Without the second type a request that brings no body would pass by this route and end at the fallback.
        group.MapPost("/{name}/test", ProviderTestApi.Test).Accepts<ProviderTest>(true, "application/json", "*/*").WithSummary("Tries each step from the name's address to a message").Audited("provider tested");
        group.MapPost("/{name}/enable", Enable).WithSummary("Switches a provider on").Audited("provider switched on");
        group.MapPost("/{name}/disable", Disable).WithSummary("Switches a provider off; its mail waits").Audited("provider switched off");
        group.MapPost("/{name}/pause", Pause).WithSummary("Holds a provider's mail").Audited("provider paused");
        group.MapPost("/{name}/resume", Resume).WithSummary("Lets a provider's mail go again").Audited("provider resumed");
        return all;
    }

    private static Ok<Page<ProviderPresetView>> ListPresets(AccountsOptions options) =>
        TypedResults.Ok(new Page<ProviderPresetView> { Items = [.. ProviderCatalog.All.Select(preset => ProviderWire.View(preset, options.DefaultRedirectUri))] });

    private static Ok<Page<ProviderView>> List(ProviderDirectory directory, [AsParameters] ProviderViews views) =>
        TypedResults.Ok(new Page<ProviderView> { Items = [.. directory.All.Select(views.Of)] });

    private static Results<Ok<ProviderView>, ProblemHttpResult> Show(string name, ProviderDirectory directory, [AsParameters] ProviderViews views) =>
        directory.Find(name) is { } provider ? TypedResults.Ok(views.Of(provider)) : Missing(name);

    private static async Task<Results<Created<ProviderView>, ProblemHttpResult>> Add(
        HttpRequest request, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation)
    {
        var (body, unreadable) = await ProviderBody.ReadAsync(request, ignoresReadOnly: false, cancellation);
        if (body is null)
            return unreadable!;
        var (draft, wrong) = body.ToDraft();
        if (draft is null)
            return wrong!;
        var result = await directory.AddAsync(draft, cancellation);
        request.HttpContext.Note("provider added", draft.Name);
        return result is ProviderResult.Saved { Provider: var added }
            ? TypedResults.Created($"/api/v1/providers/{added.Name}", views.Of(added, NotYet(draft, added)))
            : Problem(result, draft.Name);
    }

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Replace(
        string name, HttpRequest request, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation)
    {
        var (body, unreadable) = await ProviderBody.ReadAsync(request, ignoresReadOnly: true, cancellation);
        if (body is null)
            return unreadable!;
        if (directory.Find(name) is not { } before)
            return Missing(name);
        var (draft, wrong) = body.ToDraft(before.Name);
        // An answer that is put back says "not enabled" of a provider that only waits for its consent: that is no wish to switch it off.
        if (draft is { Enabled: false } && before is { Enabled: false, State: ProviderState.NeedsConsent })
            draft = draft with { Enabled = null };
        return draft is null ? wrong! : Answer(await directory.ReplaceAsync(before.Id, draft, null, cancellation), views, name, draft);
    }

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Patch(
        string name, HttpRequest request, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation)
    {
        var (body, unreadable) = await ProviderBody.ReadAsync(request, ignoresReadOnly: false, cancellation);
        if (body is null)
            return unreadable!;
        if (directory.Find(name) is not { } before)
            return Missing(name);
        var (draft, wrong) = body.ToDraft(before);
        return draft is null ? wrong! : Answer(await directory.ReplaceAsync(before.Id, draft, before.Version, cancellation), views, name, draft);
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> Remove(string name, ProviderDirectory directory, CancellationToken cancellation)
    {
        var result = await directory.RemoveAsync(name, cancellation);
        return result is ProviderResult.Removed ? TypedResults.NoContent() : Problem(result, name);
    }

    private static async Task<Results<Ok<ProviderAuthorize>, ProblemHttpResult>> Authorize(
        string name, HttpContext context, ProviderDirectory directory, ConsentFlow consent, CancellationToken cancellation)
    {
        if (directory.Find(name) is not { } provider)
            return Missing(name);
        return await consent.StartAsync(provider, context.User.Identity?.Name ?? "api", cancellation) switch
        {
            ConsentStart.Started started => TypedResults.Ok(new ProviderAuthorize
            {
                AuthorizeUrl = started.AuthorizeUrl.AbsoluteUri, State = started.State, ExpiresAt = started.ExpiresAt,
            }),
            ConsentStart.Refused refused => Problems.SignIn(refused.Why.Cause, refused.Why.Remedy, refused.Why.Verbatim),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Complete(
        string name, ProviderAuthorizeComplete body, ProviderDirectory directory, ConsentFlow consent, [AsParameters] ProviderViews views, CancellationToken cancellation)
    {
        if (directory.Find(name) is not { } provider)
            return Missing(name);
        if (body is not ({ Url.Length: > 0 } or { Code.Length: > 0, State.Length: > 0 }))
            return Problems.Validation("url", "Write the whole address that the browser landed on, or code and state.");
        var result = body.Url is { Length: > 0 } url
            ? await consent.CompleteFromAddressAsync(provider, url, cancellation)
            : await consent.CompleteAsync(new(body.State, body.Code, null, null, null), provider, cancellation);
        return result switch
        {
            ConsentResult.Connected connected => TypedResults.Ok(views.Of(connected.Provider, connected.Notes)),
            ConsentResult.Refused refused => Problems.SignIn(refused.Why.Cause, refused.Why.Remedy, refused.Why.Verbatim),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Enable(string name, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation) =>
        Answer(await directory.EnableAsync(name, cancellation), views, name);

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Disable(string name, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation) =>
        Answer(await directory.DisableAsync(name, cancellation), views, name);

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Pause(string name, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation) =>
        Answer(await directory.PauseAsync(name, cancellation), views, name);

    private static async Task<Results<Ok<ProviderView>, ProblemHttpResult>> Resume(string name, ProviderDirectory directory, [AsParameters] ProviderViews views, CancellationToken cancellation) =>
        Answer(await directory.ResumeAsync(name, cancellation), views, name);

    private static Results<Ok<ProviderView>, ProblemHttpResult> Answer(ProviderResult result, ProviderViews views, string name, ProviderDraft? draft = null) =>
        result is ProviderResult.Saved { Provider: var saved } ? TypedResults.Ok(views.Of(saved, NotYet(draft, saved))) : Problem(result, name);

    private static IEnumerable<FieldNote> NotYet(ProviderDraft? draft, Provider saved) =>
        draft is { Enabled: true } && saved.State == ProviderState.NeedsConsent
            ? [new("enabled", $"It is switched on as soon as somebody has signed in: connect it first (postrider provider connect {saved.Name}).")]
            : [];

    private static ProblemHttpResult Problem(ProviderResult result, string name) => result switch
    {
        ProviderResult.Invalid invalid => Problems.Validation(invalid.Errors),
        ProviderResult.Refused refused => Problems.Conflict(refused.Cause, refused.Remedy),
        _ => Missing(name),
    };

    private static ProblemHttpResult Missing(string name) => Problems.NotFound($"provider \"{name}\"");
}

/// <summary>Providers as the wire shows them, with what is to be said about them today.</summary>
internal sealed record ProviderViews(AccountsOptions Options, TimeProvider Time)
{
    public ProviderView Of(Provider provider) => Of(provider, []);

    public ProviderView Of(Provider provider, IEnumerable<FieldNote> more) =>
        ProviderWire.View(provider, ProviderWarnings.Of(provider, Time.GetUtcNow(), Options.DefaultRedirectUri).Concat(more));
}
