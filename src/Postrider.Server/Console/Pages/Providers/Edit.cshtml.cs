using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

/// <summary>Changes a provider's settings: the form of the wizard's third step, for a provider that is there.</summary>
[Needs(Right.Own, Proven = true)]
internal sealed class EditModel(ProviderDirectory providers, ProviderForms forms, SetupDrafts drafts) : ConsolePage
{
    public Provider Provider { get; private set; } = null!;
    public ProviderForm Form { get; private set; } = null!;

    /// <summary>The wizard that led here; null outside of one.</summary>
    public SetupProgress? Setup { get; private set; }

    public async Task<IActionResult> OnGetAsync(string name, string? setup, CancellationToken cancellation)
    {
        if (!await FindAsync(name, setup, cancellation))
            return Missing(T["There is no such provider"]);
        Form = forms.Show(Before, Stored, Provider, Here) with { Version = Provider.Version };
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string name, string? setup, long? version, CancellationToken cancellation)
    {
        if (!await FindAsync(name, setup, cancellation))
            return Missing(T["There is no such provider"]);
        var draft = await JudgeAsync(version, cancellation);
        if (Form.Errors.Count == 0)
        {
            var result = await providers.ReplaceAsync(Provider.Id, draft, version, cancellation);
            if (result is ProviderResult.Saved { Provider: var saved })
            {
                HttpContext.Note("provider changed", saved.Name, Changed(Provider, saved, draft));
                Say(T["Saved."]);
                return LocalRedirect(Setup?.PathOf(SetupStep.Connect) is { } step ? Url.Content("~" + step) : Url.Content("~" + ProviderPaths.Of(saved)));
            }
            Form = ProviderForms.With(Form, result);
        }
        HttpContext.NoteNothing();
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    /// <summary>Shows the fields of another way to sign in; nothing is saved.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostShapeAsync(string name, string? setup, long? version, CancellationToken cancellation)
    {
        if (!await FindAsync(name, setup, cancellation))
            return Missing(T["There is no such provider"]);
        HttpContext.NoteNothing();
        await JudgeAsync(version, cancellation);
        Form = forms.Show(Form.Values, Stored, Provider, Here) with { Version = Form.Version };
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostCheckAsync(string name, string? setup, string? member, long? version, CancellationToken cancellation)
    {
        if (!await FindAsync(name, setup, cancellation))
            return Missing(T["There is no such provider"]);
        HttpContext.NoteNothing();
        await JudgeAsync(version, cancellation);
        return Form.Field(member ?? "") is { } field ? Partial("_FieldNotes", new ProviderFieldView(Form, field)) : BadRequest();
    }

    private string Here => Url.Content("~" + ProviderPaths.Edit(Provider)) + (Setup is null ? "" : $"?setup={Setup.Draft!.Id}");

    private Dictionary<string, string> Before => ProviderFormValues.Of(Provider, Provider.State != ProviderState.Disabled);

    private IReadOnlySet<string> Stored => new[]
    {
        (UnfinishedProviders.ClientSecret, Provider.HasClientSecret), (UnfinishedProviders.RefreshToken, Provider.HasRefreshToken), (UnfinishedProviders.Password, Provider.HasPassword),
        (UnfinishedProviders.ServiceAccountKey, Provider.HasServiceAccountKey),
    }.Where(secret => secret.Item2).Select(secret => secret.Item1).ToHashSet();

    private async Task<ProviderDraft> JudgeAsync(long? version, CancellationToken cancellation)
    {
        var form = await Request.ReadFormAsync(cancellation);
        var values = ProviderFormValues.Read(form, Before);
        if (values["grant"] != Provider.Grant || values["clientAuthentication"] != Provider.ClientAuthentication)
            SignInWay.Apply(values, values["grant"], values["clientAuthentication"]);
        var (draft, unreadable) = ProviderFormValues.ToDraft(values, form);
        // What waits for its consent is on already, as far as anybody wished; a tick that is left says nothing new.
        if (draft.Enabled == true && Provider.State == ProviderState.NeedsConsent)
            draft = draft with { Enabled = null };
        Form = forms.Judge(values, Stored, Provider, Here, draft, unreadable) with { Version = version ?? Provider.Version };
        return draft;
    }

    /// <summary>Which fields, for the audit: no values.</summary>
    private static string Changed(Provider before, Provider after, ProviderDraft draft)
    {
        var (old, now) = (ProviderFormValues.Of(before, before.State != ProviderState.Disabled), ProviderFormValues.Of(after, after.State != ProviderState.Disabled));
        (string Name, SecretChange Change)[] secrets = [("clientSecret", draft.ClientSecret), ("refreshToken", draft.RefreshToken), ("password", draft.Password), ("serviceAccountKey", draft.ServiceAccountKey)];
        return string.Join(", ", now.Keys.Where(member => old[member] != now[member]).Concat(secrets.Where(secret => secret.Change != SecretChange.Keep).Select(secret => secret.Name)));
    }

    private async Task<bool> FindAsync(string name, string? setup, CancellationToken cancellation)
    {
        if (providers.Find(name) is not { } provider)
            return false;
        Provider = provider;
        Setup = setup is null ? null : await drafts.FindAsync(setup, SetupStep.Details, cancellation) is { Made: { } made } progress && made.Id == provider.Id ? progress : null;
        return true;
    }
}
