using Microsoft.AspNetCore.Mvc;
using Postrider.Accounts.Providers;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using Postrider.Server.Console.ProviderSetup;

namespace Postrider.Server.Console.Pages.Providers.Setup;

/// <summary>Step 3: all that a provider is made of. What is typed is kept whether or not it is right; when all of it is, the provider is made.</summary>
[Needs(Right.Own)]
internal sealed class DetailsModel(SetupDrafts drafts, UnfinishedProviders unfinished, ProviderDirectory providers, ClientCertificates certificates, ProviderForms forms) : SetupPage(drafts)
{
    protected override SetupStep Step => SetupStep.Details;

    public ProviderForm Form { get; private set; } = null!;

    public async Task<IActionResult> OnGetAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        // Once it is made, its own page changes it: one form, one truth.
        if (Progress.Made is { } made)
            return LocalRedirect(Url.Content($"~{ProviderPaths.Edit(made)}?setup={id}"));
        Form = forms.Show(Progress.Draft!.Typed, Progress.Draft.Secrets, null, Path(SetupStep.Details));
        return Page();
    }

    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation))
            return Gone();
        if (Progress.Made is not null)
            return LocalRedirect(Path(SetupStep.Connect));
        var (draft, _) = await TypedAsync(cancellation);
        if (Form.Errors.Count == 0)
        {
            var result = await providers.AddAsync(draft, cancellation);
            if (result is ProviderResult.Saved { Provider: var made })
            {
                await unfinished.MadeAsync(id, made.Id);
                // The next step shows what is to be uploaded.
                if (ClientAuthentication.Of(made) == ClientAuthentication.PrivateKeyJwt)
                    await certificates.CreateAsync(made, cancellation);
                HttpContext.Note("provider added", made.Name, $"{made.Type}, sends as {made.UserName}");
                return LocalRedirect(Path(SetupStep.Connect));
            }
            Form = ProviderForms.With(Form, result);
        }
        HttpContext.NoteNothing();
        Response.StatusCode = StatusCodes.Status400BadRequest;
        return Page();
    }

    /// <summary>Shows the fields of another way to sign in.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostShapeAsync(string id, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation) || Progress.Made is not null)
            return Gone();
        HttpContext.NoteNothing();
        var (_, values) = await TypedAsync(cancellation);
        Form = forms.Show(values, Form.Secrets, null, Path(SetupStep.Details));
        return Page();
    }

    /// <summary>What is to be said about one field, while it is typed.</summary>
    [Needs(Right.Own)]
    public async Task<IActionResult> OnPostCheckAsync(string id, string? member, CancellationToken cancellation)
    {
        if (!await FindAsync(id, providers, cancellation) || Progress.Made is not null)
            return Gone();
        HttpContext.NoteNothing();
        await TypedAsync(cancellation);
        return Form.Field(member ?? "") is { } field ? Partial("_FieldNotes", new ProviderFieldView(Form, field)) : BadRequest();
    }

    /// <summary>Judges and keeps what was typed. A secret that is wrong is not kept: an empty field would bring it back.</summary>
    private async Task<(ProviderDraft Draft, Dictionary<string, string> Values)> TypedAsync(CancellationToken cancellation)
    {
        var form = await Request.ReadFormAsync(cancellation);
        var before = Progress.Draft!;
        var values = ProviderFormValues.Read(form, before.Typed);
        if (values["grant"] != before["grant"] || values["clientAuthentication"] != before["clientAuthentication"])
            SignInWay.Apply(values, values["grant"], values["clientAuthentication"]);
        var (typed, unreadable) = ProviderFormValues.ToDraft(values, form);
        var draft = await unfinished.CompleteAsync(before.Id, typed, cancellation);
        Form = forms.Judge(values, before.Secrets, null, Path(SetupStep.Details), draft, unreadable);
        SecretChange Good(string member, SecretChange change) => Form.ErrorOf(member) is null ? change : SecretChange.Keep;
        await unfinished.TypeAsync(before.Id, values, typed with
        {
            ClientSecret = Good(UnfinishedProviders.ClientSecret, typed.ClientSecret), RefreshToken = Good(UnfinishedProviders.RefreshToken, typed.RefreshToken),
            Password = Good(UnfinishedProviders.Password, typed.Password), ServiceAccountKey = Good(UnfinishedProviders.ServiceAccountKey, typed.ServiceAccountKey),
        }, cancellation);
        if (await unfinished.FindAsync(before.Id, cancellation) is { } kept)
            Form = Form with { Secrets = kept.Secrets };
        return (draft, values);
    }
}
