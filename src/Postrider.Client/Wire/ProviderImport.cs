namespace Postrider.Client;

/// <summary>Configuration of another program, or values that were copied out of a portal.</summary>
public sealed record ProviderImportRequest
{
    public IReadOnlyList<ImportedFile> Files { get; init; } = [];

    /// <summary>email-oauth2-proxy, sasl-xoauth2, msmtp, postfix or paste; found out when left out.</summary>
    public string? From { get; init; }

    /// <summary>Names of the accounts that are meant; empty means all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>The provider's name, where one account is imported.</summary>
    public string? Name { get; init; }

    /// <summary>The mailbox, where the files do not say it and one account is imported.</summary>
    public string? UserName { get; init; }

    /// <summary>Shows what would be made, and makes nothing.</summary>
    public bool DryRun { get; init; }
}

public sealed record ImportedFile
{
    /// <summary>Without its folder. A token file is named for its mailbox.</summary>
    public string Name { get; init; } = "";
    public string Content { get; init; } = "";
}

/// <summary>What was found, and what became of it: all providers were made or none.</summary>
public sealed record ProviderImportResult
{
    /// <summary>Everything can be made, or was.</summary>
    public required bool Ok { get; init; }

    /// <summary>The format that was recognised; absent when none was.</summary>
    public string? From { get; init; }
    public required bool DryRun { get; init; }
    public required IReadOnlyList<ImportedProviderView> Providers { get; init; }
    public required IReadOnlyList<string> Notes { get; init; }
}

public sealed record ImportedProviderView
{
    /// <summary>What it is called in the file.</summary>
    public required string Label { get; init; }

    /// <summary>The provider as it would be added, without its secrets.</summary>
    public required ProviderInput Provider { get; init; }

    /// <summary>Which secrets were found: clientSecret, refreshToken, password.</summary>
    public required IReadOnlyList<string> Secrets { get; init; }

    /// <summary>What was changed on the way, and what is still to be done.</summary>
    public required IReadOnlyList<ProviderNote> Notes { get; init; }

    /// <summary>Why it cannot be made.</summary>
    public required IReadOnlyList<ProviderNote> Errors { get; init; }

    /// <summary>It has been made.</summary>
    public required bool Made { get; init; }
}
