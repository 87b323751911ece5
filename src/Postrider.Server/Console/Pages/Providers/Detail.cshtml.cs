using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;
using Postrider.Accounts.Watch;
using Postrider.Mail.Delivery;
using Postrider.Mail.Tracking;
using Postrider.Mail.Trends;
using Postrider.Mail.Waiting;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

/// <summary>All about one provider: how it stands, what it does today, and what can be done about it.</summary>
internal sealed class DetailModel(ProviderActs acts, FlowFigures figures, ProviderFailures failures, TrendHistory history, Permits permits, DeliveryActivity activity, TokenLives lives, TokenKeeper tokens, SeenServers seen, AuditLog audit, ReportMailboxes mailboxes, AccountsOptions options) : ProviderPage(acts)
{
    public Flow Flow { get; private set; } = null!;
    public TokenLife Life { get; private set; } = null!;
    public IReadOnlyList<FailureCause> Causes { get; private set; } = [];
    public ProviderUsage Usage { get; private set; } = null!;
    public HealthStrip Strip { get; private set; } = null!;
    public SeenServer? Seen => seen.Of(Provider.Id);

    /// <summary>What was done to it last.</summary>
    public IReadOnlyList<AuditEntry> Changes { get; private set; } = [];

    private const int ChangesShown = 6;

    public override string Here => Url.Content("~" + ProviderPaths.Of(Provider));
    public override string AfterConnecting => Here;

    /// <summary>How far its mailbox has been read for reports; null: not yet, or not wanted.</summary>
    public ReportMailbox? Mailbox { get; private set; }

    public ProviderQueue? Queue => Flow.Queues.FirstOrDefault(queue => queue.Counted.ProviderId == Provider.Id);
    public long Waiting => Queue?.Counted.Waiting ?? 0;
    public bool HasTokens => Provider.Type != ProviderType.Password;
    public IReadOnlyList<TimeMark> Marks => [.. ProviderMoments.Of(Provider, Life)];
    public IReadOnlyList<FieldNote> Notes => [.. ProviderWarnings.Of(Provider, Now, options.DefaultRedirectUri).Where(note => note.Member != "scope" || Provider.WorkingScope.Length == 0)];
    public IReadOnlyList<(string Name, string Value)> Facts => [.. ProviderMoments.Facts(Provider)];

    public override async Task<IActionResult> OnGetAsync(string? run, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        return Show(run);
    }

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostPauseAsync(CancellationToken cancellation) =>
        SwitchAsync("provider paused", T["It is paused: its mail waits until somebody resumes it."], Acts.Providers.PauseAsync, cancellation);

    [Needs(Right.Operate)]
    public Task<IActionResult> OnPostResumeAsync(CancellationToken cancellation) =>
        SwitchAsync("provider resumed", T["Its mail goes again."], Acts.Providers.ResumeAsync, cancellation);

    [Needs(Right.Own)]
    public Task<IActionResult> OnPostEnableAsync(CancellationToken cancellation) =>
        SwitchAsync("provider enabled", T["It is switched on."], Acts.Providers.EnableAsync, cancellation);

    [Needs(Right.Own)]
    public Task<IActionResult> OnPostDisableAsync(CancellationToken cancellation) =>
        SwitchAsync("provider disabled", T["It is switched off. New mail for it is refused; what waits stays where it is."], Acts.Providers.DisableAsync, cancellation);

    /// <summary>Asks the identity platform for another access token, whether or not the present one is still good.</summary>
    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostRefreshAsync(CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        HttpContext.Note("token renewed", Provider.Name);
        var result = await tokens.GetAsync(Provider.Id, cancellation);
        if (result is TokenResult.Ready { Token: var present })
            result = await tokens.RenewAsync(Provider.Id, present.Value, cancellation);
        Say(result switch
        {
            TokenResult.Ready { Token: var token } => T[$"The token is renewed; it is good until {Zone.Minute(token.ExpiresAt)}."],
            // It was renewed this way a moment ago, and so it need not be again.
            TokenResult.Later { RetryAt: var at } => T[$"It was asked for a moment ago, or the platform cannot be asked now. Try again after {Zone.Clock(at)}; mail goes on with the token that is there."],
            TokenResult.Broken broken => $"{broken.Reason} {broken.Remedy}",
            _ => throw new System.Diagnostics.UnreachableException(),
        }, result is TokenResult.Ready);
        return LocalRedirect(Here);
    }

    /// <summary>Writes the scope that works into the settings.</summary>
    [Needs(Right.Own)]
    public Task<IActionResult> OnPostKeepScopeAsync(CancellationToken cancellation) =>
        SwitchAsync("scope kept", T["The scope that works is kept."], Acts.Providers.KeepScopeAsync, cancellation);

    protected override async Task<IActionResult?> FindAsync(CancellationToken cancellation)
    {
        if (Acts.Providers.Find(RouteData.Values["name"]?.ToString() ?? "") is not { } provider)
            return Missing(T["There is no such provider"]);
        Provider = provider;
        ViewData["OwnRedirectUri"] = options.DefaultRedirectUri;
        Flow = await figures.GetAsync(cancellation);
        Life = await lives.OfAsync(provider, cancellation);
        Causes = await failures.OfAsync(provider.Id, Now - TimeSpan.FromDays(7), cancellation);
        Strip = new HealthStrip(provider.DisplayName, await history.OfAsync(provider.Id, TrendHistory.FiveMinutes, HealthStrip.Since(Now), cancellation), Now);
        var (minute, day) = await permits.UsedAsync(provider.Id, cancellation);
        Mailbox = Provider.ReadReports ? await mailboxes.FindAsync(Provider.Id, cancellation) : null;
        Changes = await audit.ListAsync(new(Target: provider.Name), ChangesShown, cancellation);
        Usage = new(provider.Limits, activity.Of(provider.Id), minute, day);
        return null;
    }

    private async Task<IActionResult> SwitchAsync(string act, string done, Func<string, CancellationToken, Task<ProviderResult>> change, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        HttpContext.Note(act, Provider.Name);
        var result = await change(Provider.Id, cancellation);
        Say(result is ProviderResult.Refused refused ? $"{T.Told(refused.Cause)} {T.Told(refused.Remedy)}" : done, result is ProviderResult.Saved);
        return LocalRedirect(Here);
    }
}
