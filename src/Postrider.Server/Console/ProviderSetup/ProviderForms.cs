using Postrider.Accounts;
using Postrider.Accounts.Providers;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Makes forms, and judges what was typed into them by the rules of the interface.</summary>
internal sealed class ProviderForms(ProviderDirectory directory, AccountsOptions options, TimeProvider time)
{
    /// <summary>The form without a word about what is in it yet.</summary>
    /// <param name="secrets">Names of those that are stored.</param>
    /// <param name="own">The provider that is changed; null: a new one.</param>
    public ProviderForm Show(IReadOnlyDictionary<string, string> values, IReadOnlySet<string> secrets, Provider? own, string action)
    {
        var (draft, unreadable) = ProviderFormValues.ToDraft(values, null);
        return Make(values, secrets, own, action, directory.Complete(draft), unreadable, Warnings(directory.Complete(draft)));
    }

    /// <param name="draft">With all secrets that it will have.</param>
    public ProviderForm Judge(IReadOnlyDictionary<string, string> values, IReadOnlySet<string> secrets, Provider? own, string action, ProviderDraft draft, IReadOnlyList<FieldNote> unreadable)
    {
        var errors = unreadable.Concat(directory.Check(draft)).ToList();
        if (directory.Find(draft.Name) is { } other && other.Id != own?.Id && draft.Name.Length > 0)
            errors.Add(new("name", $"There is already a provider named {draft.Name}. Choose another name."));
        if (draft.Failover.Length > 0 && draft.Failover == draft.Name)
            errors.Add(new("failover", "A provider does not stand in for itself. Choose another one."));
        if (draft.Grant == ProviderGrant.RefreshToken && own is not { HasRefreshToken: true } && draft.RefreshToken == SecretChange.Keep && draft.Type != ProviderType.Password)
            errors.Add(new("refreshToken", "Paste the refresh token, or choose another way to sign in."));
        return Make(values, secrets, own, action, directory.Complete(draft), errors, Warnings(directory.Complete(draft)));
    }

    /// <summary>Answers of the directory at the fields they are about.</summary>
    public static ProviderForm With(ProviderForm form, ProviderResult result) => result switch
    {
        ProviderResult.Invalid invalid => form with { Errors = invalid.Errors },
        ProviderResult.Refused refused => form with { Errors = [new("", $"{refused.Cause} {refused.Remedy}")] },
        _ => form with { Errors = [new("", "It was removed meanwhile.")] },
    };

    private ProviderForm Make(IReadOnlyDictionary<string, string> values, IReadOnlySet<string> secrets, Provider? own, string action, ProviderDraft filled, IReadOnlyList<FieldNote> errors, IReadOnlyList<FieldNote> warnings) =>
        new(filled, values, secrets, errors, warnings, ProviderFields.Of(filled, [.. directory.All.Where(other => other.Id != own?.Id).Select(other => other.Name)]), action);

    private IReadOnlyList<FieldNote> Warnings(ProviderDraft filled) => ProviderWarnings.Of(filled, time.GetUtcNow(), options.DefaultRedirectUri);
}
