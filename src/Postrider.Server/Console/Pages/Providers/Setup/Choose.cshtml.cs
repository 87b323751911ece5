using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>Step 1: what kind of provider, and which mailbox.</summary>
[Needs(Right.Own)]
internal sealed class ChooseModel(SetupDrafts drafts, UnfinishedProviders unfinished, ProviderDirectory providers, AccountsOptions options) : ConsolePage
{
    private static readonly string[] Usual = [ProviderType.Microsoft, ProviderType.Google, "outlook.com", ProviderType.OAuth2, ProviderType.Password];

    public SetupProgress Progress { get; private set; } = new(null, null, SetupStep.Choose);
    public string Mailbox { get; private set; } = "";
    public string Preset { get; private set; } = ProviderType.Microsoft;
    public string? MailboxError { get; private set; }
    public string? PresetError { get; private set; }

    public static IEnumerable<ProviderPreset> First => Usual.Select(name => ProviderCatalog.Find(name)!);
    public static IEnumerable<ProviderPreset> Others => ProviderCatalog.All.Where(preset => !Usual.Contains(preset.Name));

    public bool OtherIsChosen => !Usual.Contains(Preset);

    public static string About(ProviderPreset preset) => preset.Name switch
    {
        ProviderType.Microsoft => T["A mailbox of your organisation, in Exchange Online. You need somebody who may register an application in Entra."],
        ProviderType.Google => T["A Gmail mailbox, or one of your Google Workspace."],
        "outlook.com" => T["A personal mailbox at Outlook.com, Hotmail or Live."],
        ProviderType.OAuth2 => T["Any other server that takes OAuth 2.0 tokens."],
        ProviderType.Password => T["A server that takes a name and a password, or neither."],
        _ => preset.Quirks.Count > 0 ? preset.Quirks[0] : "",
    };

    public async Task<IActionResult> OnGetAsync(string? id, CancellationToken cancellation)
    {
        if (id is null)
            return Page();
        if (!await FindAsync(id, cancellation))
            return Missing(T["There is no such set-up"]);
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string? id, string? mailbox, string? preset, CancellationToken cancellation)
    {
        if (id is not null && !await FindAsync(id, cancellation))
            return Missing(T["There is no such set-up"]);
        if (Progress.Made is not null)
            return LocalRedirect(Url.Content("~" + Progress.PathOf(SetupStep.Details)));
        (Mailbox, Preset) = (mailbox?.Trim() ?? "", preset ?? "");
        var chosen = ProviderCatalog.Find(Preset);
        PresetError = chosen is null ? T["Choose one."] : null;
        MailboxError = chosen is null ? null : providers.Check(Begin(chosen)).FirstOrDefault(note => note.Member == "userName")?.Message;
        if (chosen is null || MailboxError is not null)
        {
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var values = Values(chosen);
        if (Progress.Draft is { } draft)
            await unfinished.TypeAsync(draft.Id, values, new ProviderDraft(), cancellation);
        else
            id = await unfinished.BeginAsync(Actor, values, cancellation);
        HttpContext.Note("provider set-up begun", values["name"], chosen.Title);
        return LocalRedirect(Url.Content("~" + SetupProgress.PathOf(id!, SetupStep.Register)));
    }

    /// <summary>The preset's values, for whom to change them; what was typed about the mailbox and the application before stays.</summary>
    private Dictionary<string, string> Values(ProviderPreset chosen)
    {
        var typed = Progress.Draft?.Typed;
        if (typed is not null && typed.GetValueOrDefault("preset") == chosen.Name)
            return new(typed) { ["userName"] = Mailbox };
        var values = ProviderFormValues.Of(ProviderCatalog.Fill(Begin(chosen), options.DefaultRedirectUri), enabled: true);
        foreach (var member in new[] { "name", "displayName", "domain", "clientId", "tenant" })
            if (typed?.GetValueOrDefault(member) is { Length: > 0 } before && typed.GetValueOrDefault("type") == chosen.Type)
                values[member] = before;
        return values;
    }

    private ProviderDraft Begin(ProviderPreset chosen)
    {
        var domain = Mailbox.Contains('@') ? Mailbox[(Mailbox.LastIndexOf('@') + 1)..] : "";
        var title = chosen.Title.Split(" / ")[0];
        return new ProviderDraft
        {
            Name = ProviderNames.Suggest(Mailbox, chosen.Name, name => providers.Find(name) is not null), DisplayName = domain.Length > 0 ? $"{title}, {domain}" : title,
            Type = chosen.Type, Preset = chosen.Name, UserName = Mailbox, Limits = ProviderCatalog.NoLimitsGiven,
            // A tenant goes by any of its domains as well as by its ID.
            Tenant = chosen.Type == ProviderType.Microsoft && chosen.Tenant.Length == 0 ? domain : "",
        };
    }

    private async Task<bool> FindAsync(string id, CancellationToken cancellation)
    {
        if (await drafts.FindAsync(id, SetupStep.Choose, cancellation) is not { Draft: { } draft } progress)
            return false;
        Progress = progress;
        (Mailbox, Preset) = progress.Made is { } made ? (made.UserName, made.Preset) : (draft["userName"], draft["preset"]);
        return true;
    }
}
