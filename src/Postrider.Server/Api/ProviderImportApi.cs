using Microsoft.AspNetCore.Http.HttpResults;
using Postrider.Accounts;
using Postrider.Accounts.Import;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Scripts;
using Postrider.Client;

namespace Postrider.Server.Api;

/// <summary>Ways into and out of the set-up of a provider: what other programs know of it, and the script that registers its application.</summary>
internal static class ProviderImportApi
{
    public static async Task<Results<Ok<ProviderImportResult>, ProblemHttpResult>> Import(HttpRequest request, ProviderImport import, CancellationToken cancellation)
    {
        var (wish, unreadable) = await WireJson.ReadAsync<ProviderImportRequest>(request, cancellation);
        if (wish is null)
            return unreadable!;
        if (wish.Files.Count == 0 || wish.Files.All(file => string.IsNullOrWhiteSpace(file.Content)))
            return Problems.Validation("files", "Give at least one file with its content.");
        if (wish.From is not null && !ImportFormat.All.Contains(wish.From))
            return Problems.Validation("from", $"Write one of {string.Join(", ", ImportFormat.All)}, or leave it out.");
        ProviderDraft Shape(ProviderDraft draft) => draft with
        {
            Name = wish.Name is { Length: > 0 } name ? name : draft.Name, UserName = wish.UserName is { Length: > 0 } user ? user : draft.UserName,
            DisplayName = draft.DisplayName.Length > 0 ? draft.DisplayName : wish.UserName ?? "",
        };
        var result = await import.RunAsync([.. wish.Files.Select(file => new ImportFile(file.Name, file.Content))], wish.From, wish.Only, Shape, wish.DryRun, cancellation);
        return TypedResults.Ok(new ProviderImportResult
        {
            Ok = result.Ok, From = result.Format.Length > 0 ? result.Format : null, DryRun = wish.DryRun, Notes = result.Notes, Providers = [.. result.Providers.Select(View)],
        });
    }

    public static Results<ContentHttpResult, ProblemHttpResult> Script(string name, ProviderDirectory directory, AccountsOptions options, string? @for = null, string? way = null, string? credential = null)
    {
        if (directory.Find(name) is not { } provider)
            return Problems.NotFound($"provider \"{name}\"");
        if (@for is not null && !RegistrationScript.Kinds.Contains(@for))
            return Problems.Validation("for", $"Write one of {string.Join(", ", RegistrationScript.Kinds)}.");
        if (way is not (null or "app-role" or "rbac"))
            return Problems.Validation("way", "Write app-role (the Entra role SMTP.SendAsApp) or rbac (RBAC for Applications in Exchange).");
        if (credential is not (null or "secret" or "certificate"))
            return Problems.Validation("credential", "Write secret or certificate.");
        var (text, why) = RegistrationScript.Write(provider, @for ?? RegistrationScript.AzureCli, way == "rbac" ? ScriptWay.Rbac : ScriptWay.AppRole,
            credential == "certificate" ? ScriptCredential.Certificate : ScriptCredential.Secret, provider.RedirectUri.Length > 0 ? provider.RedirectUri : options.DefaultRedirectUri);
        return text is null ? Problems.Conflict($"There is no script for {provider.Name}.", why!) : TypedResults.Text(text, "text/plain; charset=utf-8");
    }

    private static ImportedProviderView View(ImportOutcome outcome)
    {
        var draft = outcome.Found.Draft;
        (string Name, SecretChange Secret)[] secrets = [("clientSecret", draft.ClientSecret), ("refreshToken", draft.RefreshToken), ("password", draft.Password)];
        return new ImportedProviderView
        {
            Label = outcome.Found.Label, Provider = ProviderWire.Input(draft), Secrets = [.. secrets.Where(secret => secret.Secret != SecretChange.Keep).Select(secret => secret.Name)],
            Notes = Notes(outcome.Found.Notes), Errors = Notes(outcome.Errors), Made = outcome.Made is not null,
        };
    }

    private static List<ProviderNote> Notes(IReadOnlyList<FieldNote> notes) => [.. notes.Select(note => new ProviderNote { Member = note.Member, Message = note.Message })];
}
