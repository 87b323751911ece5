using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;
using Postrider.Smtp;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages.Providers;

/// <summary>A page about one provider that can connect and test it, in every way there is: the wizard's last steps and the provider's own page.</summary>
internal abstract class ProviderPage(ProviderActs acts) : ConsolePage
{
    protected ProviderActs Acts => acts;

    public Provider Provider { get; protected set; } = null!;

    /// <summary>Why the last act did not succeed.</summary>
    public ConsentFailure? Problem { get; protected set; }
    public DeviceSignIn? OnDevice { get; private set; }
    public IReadOnlyList<ClientCertificate> Certificates { get; private set; } = [];
    public DoctorRun? Run { get; private set; }

    /// <summary>Where the sign-in goes on by a link, because a form may not lead there.</summary>
    public Uri? GoOn { get; private set; }

    /// <summary>The page's own path.</summary>
    public abstract string Here { get; }

    /// <summary>Where it goes on once the provider is connected.</summary>
    public abstract string AfterConnecting { get; }

    /// <summary>Finds the provider of the route.</summary>
    /// <returns>What to answer when there is none.</returns>
    protected abstract Task<IActionResult?> FindAsync(CancellationToken cancellation);

    public string Act(string handler) => $"{Here}?handler={handler}";

    public bool NeedsPeople => Provider.Type != ProviderType.Password && !ProviderGrant.WithoutPeople(Provider.Grant);

    public bool UsesCertificate => Provider.Type is ProviderType.Microsoft or ProviderType.OAuth2 && (Provider.HasClientCertificate || ClientAuthentication.Of(Provider) == ClientAuthentication.PrivateKeyJwt);

    public virtual async Task<IActionResult> OnGetAsync(string? run, CancellationToken cancellation) =>
        await LoadAsync(cancellation) ?? Show(run);

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostConnectAsync(bool stay, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        HttpContext.Note("sign-in started", Provider.Name);
        switch (await acts.Consent.StartAsync(Provider, Actor, cancellation, stay ? "" : AfterConnecting[Request.PathBase.Value!.Length..]))
        {
            case ConsentStart.Started { AuthorizeUrl: var authorize } when authorize.GetLeftPart(UriPartial.Authority) == FormTarget:
                return Redirect(authorize.AbsoluteUri);
            case ConsentStart.Started { AuthorizeUrl: var authorize }:
                GoOn = authorize;
                return Page();
            case ConsentStart.Refused { Why: var why }:
                return Refuse(why);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>The address that the browser landed on, where nobody answered it.</summary>
    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostAddressAsync(string? address, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        if (string.IsNullOrWhiteSpace(address))
            return Refuse(new(T["No address was pasted."], T["Sign in first; then copy the whole address from the browser's address bar."]));
        HttpContext.Note("sign-in finished", Provider.Name, "by a pasted address");
        switch (await acts.Consent.CompleteFromAddressAsync(Provider, address, cancellation))
        {
            case ConsentResult.Connected connected:
                Say(string.Join(" ", connected.Notes.Select(note => T.Told(note.Message)).Prepend(connected.Account is { } account ? T[$"Connected: {account} signed in."] : T["Connected."])), good: connected.Notes.Count == 0);
                return LocalRedirect(AfterConnecting);
            case ConsentResult.Refused refused:
                return Refuse(refused.Why);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostDeviceAsync(CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        HttpContext.Note("sign-in started", Provider.Name, "with a device code");
        return await acts.Device.StartAsync(Provider, Actor, cancellation) is DeviceStart.Refused { Why: var why } ? Refuse(why) : LocalRedirect(Here + "#device");
    }

    /// <summary>How far the sign-in on another device is.</summary>
    [Needs(Right.Operate)]
    public async Task<IActionResult> OnGetDeviceAsync(CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        if (OnDevice is { State: DeviceSignIn.Connected })
            Response.Headers["HX-Redirect"] = AfterConnecting;
        return Partial("_Device", this);
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostTokenAsync(string? refreshToken, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        if (string.IsNullOrWhiteSpace(refreshToken))
            return Refuse(new(T["No refresh token was pasted."], T["Paste it as one line."]));
        HttpContext.Note("refresh token pasted", Provider.Name);
        switch (await acts.PasteTokenAsync(Provider, refreshToken, cancellation))
        {
            case ProviderResult.Saved:
                Say(T["The refresh token is stored. The test shows whether it is good."]);
                return LocalRedirect(AfterConnecting);
            case ProviderResult.Invalid { Errors: var errors }:
                return Refuse(new(T["The refresh token cannot be taken."], string.Join(" ", errors.Select(error => T.Told(error.Message)))));
            case ProviderResult.Refused refused:
                return Refuse(new(refused.Cause, refused.Remedy));
            default:
                return Missing(T["There is no such provider"]);
        }
    }

    /// <summary>Makes the first certificate, or another one beside it.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostCertificateAsync(CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        var roll = Provider.HasClientCertificate;
        HttpContext.Note(roll ? "certificate rolled" : "certificate made", Provider.Name);
        var result = roll ? await acts.Certificates.RollAsync(Provider, cancellation) : await acts.Certificates.CreateAsync(Provider, cancellation);
        if (result is CertificateResult.Refused refused)
            return Refuse(new(refused.Cause, refused.Remedy));
        Say(T["The key pair is made. Upload the certificate to the application."]);
        return LocalRedirect(Here + "#certificate");
    }

    /// <summary>The certificate to upload, as a file.</summary>
    public async Task<IActionResult> OnGetCertificateAsync(string? thumbprint, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        return Certificates.FirstOrDefault(one => one.Thumbprint == thumbprint) is { } certificate
            ? File(System.Text.Encoding.ASCII.GetBytes(certificate.Pem), "application/x-pem-file", $"{Provider.Name}-{certificate.Thumbprint[..8].ToLowerInvariant()}.pem")
            : Missing(T["There is no such certificate"]);
    }

    [Needs(Right.Operate)]
    public async Task<IActionResult> OnPostTestAsync(string? to, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        SmtpAddress? recipient = null;
        if (to?.Trim() is { Length: > 0 } text && !SmtpAddress.TryParse(text, out recipient, out var why))
            return Refuse(new(T[$"A message cannot go to {text}."], why));
        HttpContext.Note("provider tested", Provider.Name, recipient is null ? "" : $"with a message to {recipient}");
        return LocalRedirect($"{Here}?run={acts.Doctor.Start(Provider, recipient).Id}#test");
    }

    /// <summary>The steps of a test that came after those that were seen.</summary>
    public async Task<IActionResult> OnGetRunAsync(string? run, int seen, CancellationToken cancellation)
    {
        if (await LoadAsync(cancellation) is { } missing)
            return missing;
        Run = acts.Doctor.Find(run, Provider.Id);
        if (Run is null)
            return NotFound();
        await acts.Doctor.MoreAsync(Run, seen, cancellation);
        return Partial("_DoctorRows", new DoctorRows(Run, Act("Run"), Math.Max(0, seen), Live: true, "test-summary"));
    }

    protected async Task<IActionResult?> LoadAsync(CancellationToken cancellation)
    {
        if (await FindAsync(cancellation) is { } missing)
            return missing;
        OnDevice = acts.Device.Find(Provider.Id);
        Certificates = UsesCertificate ? await acts.Certificates.ListAsync(Provider.Id, cancellation) : [];
        // A browser follows the form on to the identity platform only where the page allows it.
        if (FormTarget is { } target)
            Response.AllowFormTo(target);
        return null;
    }

    protected IActionResult Show(string? run)
    {
        Run = acts.Doctor.Find(run, Provider.Id);
        if (Run is { IsOver: false })
            ViewData["Refresh"] = 2;
        return Page();
    }

    protected IActionResult Refuse(ConsentFailure why)
    {
        Problem = why;
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    private string? FormTarget => Uri.TryCreate(Provider.AuthorizeUrl.Length > 0 ? Provider.AuthorizeUrl : Provider.Authority, UriKind.Absolute, out var target) ? target.GetLeftPart(UriPartial.Authority) : null;
}
