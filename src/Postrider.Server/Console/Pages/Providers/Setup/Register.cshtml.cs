using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Scripts;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>Step 2: the application at the identity platform; by hand, by a script, or the values of one that is there.</summary>
[Needs(Right.Own)]
internal sealed class RegisterModel(SetupDrafts drafts, UnfinishedProviders unfinished, ProviderDirectory providers, AccountsOptions options) : SetupPage(drafts)
{
    protected override SetupStep Step => SetupStep.Register;

    public IReadOnlyList<GuideStep> Guide => RegistrationGuide.Of(Settings, RedirectUri);
    public IReadOnlyList<SignInWay> Ways => SignInWay.Of(Settings);
    public SignInWay? Way => SignInWay.Current(Settings);
    public IReadOnlyList<string> Quirks => ProviderCatalog.Of(Settings).Quirks;
    public string? PasteError { get; private set; }

    /// <summary>The script's kind, one of <see cref="RegistrationScript.Kinds"/>.</summary>
    public string Script { get; private set; } = RegistrationScript.AzureCli;

    /// <summary>Rights by RBAC in Exchange, and not by the application's role.</summary>
    public bool Rbac { get; private set; }

    public string RedirectUri => Settings.RedirectUri.Length > 0 ? Settings.RedirectUri : options.DefaultRedirectUri;
    public bool AsApplication => Settings.Grant == ProviderGrant.ClientCredentials;

    public static string TitleOf(string kind) => kind switch { RegistrationScript.AzureCli => "Azure CLI", RegistrationScript.PowerShell => "PowerShell", _ => "Graph (curl)" };

    public (string? Text, string? Why) ScriptText => RegistrationScript.Write(Settings, Script, Rbac ? ScriptWay.Rbac : ScriptWay.AppRole,
        Settings.ClientAuthentication == ClientAuthentication.PrivateKeyJwt ? ScriptCredential.Certificate : ScriptCredential.Secret, RedirectUri);

    public async Task<IActionResult> OnGetAsync(string id, string? script, string? way, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        Script = RegistrationScript.Kinds.Contains(script) ? script! : RegistrationScript.AzureCli;
        Rbac = way == "rbac";
        return Page();
    }

    /// <summary>It is registered: on to the details.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        await unfinished.NoteAsync(Progress.Draft!, SetupProgress.Registered, "yes", cancellation);
        HttpContext.NoteNothing();
        return LocalRedirect(Path(SetupStep.Details));
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostWayAsync(string id, string? way, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        if (Progress.Made is null && Ways.FirstOrDefault(known => known.Id == way) is { } chosen)
        {
            var values = new Dictionary<string, string>(Progress.Draft!.Typed);
            SignInWay.Apply(values, chosen.Grant, chosen.Proof);
            await unfinished.TypeAsync(id, values, new ProviderDraft(), cancellation);
        }
        HttpContext.NoteNothing();
        return LocalRedirect(Path(SetupStep.Register));
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostPasteAsync(string id, string? values, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        HttpContext.NoteNothing();
        if (Progress.Made is not null)
            return LocalRedirect(Path(SetupStep.Details));
        var reading = await unfinished.PasteAsync(Progress.Draft!, values ?? "", cancellation);
        if (reading.Providers is not [{ Notes: var notes }])
        {
            PasteError = string.Join(" ", reading.Notes);
            Response.StatusCode = StatusCodes.Status400BadRequest;
            return Page();
        }
        var secretIsWrong = notes.Any(note => note.Member == "clientSecret");
        Say(string.Join(" ", notes.Where(note => note.Member != "userName" || Settings.UserName.Length == 0).Select(note => T.Told(note.Message)).Prepend(T["What was recognised is filled in below."])), good: !secretIsWrong);
        return LocalRedirect(Path(SetupStep.Details));
    }
}
