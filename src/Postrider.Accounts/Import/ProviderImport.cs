using Postrider.Accounts.Providers;

namespace Postrider.Accounts.Import;

/// <summary>One account of an import.</summary>
/// <param name="Errors">Why it cannot be made; empty when it can.</param>
/// <param name="Made">The provider, once it is on disk.</param>
public sealed record ImportOutcome(ImportedProvider Found, IReadOnlyList<FieldNote> Errors, Provider? Made);

/// <param name="Format">One of <see cref="ImportFormat"/>, or empty.</param>
public sealed record ImportResult(string Format, IReadOnlyList<ImportOutcome> Providers, IReadOnlyList<string> Notes)
{
    /// <summary>All can be made, or were.</summary>
    public bool Ok => Providers.Count > 0 && Providers.All(provider => provider.Errors.Count == 0);
}

/// <summary>Makes providers of what other programs knew: all of them or none.</summary>
public sealed class ProviderImport(ProviderDirectory directory)
{
    /// <param name="only">Labels or names of the accounts that are meant; empty means all.</param>
    /// <param name="shape">Adds what the files do not say, such as the mailbox.</param>
    /// <param name="dryRun">Changes nothing.</param>
    public async Task<ImportResult> RunAsync(IReadOnlyList<ImportFile> files, string? format, IReadOnlyList<string> only, Func<ProviderDraft, ProviderDraft>? shape, bool dryRun, CancellationToken cancellation)
    {
        var reading = ImportReader.Read(files, format);
        var chosen = reading.Providers.Where(found => only.Count == 0 || only.Contains(found.Label) || only.Contains(found.Draft.Name))
            .Select(found => found with { Draft = directory.Complete(shape is null ? found.Draft : shape(found.Draft)) }).ToList();
        var names = new HashSet<string>();
        var outcomes = chosen.Select(found => new ImportOutcome(found, Errors(found, names), null)).ToList();
        var notes = reading.Notes.Concat(only.Where(name => !reading.Providers.Any(found => found.Label == name || found.Draft.Name == name)).Select(name => $"There is no account \"{name}\" in it.")).ToList();
        var result = new ImportResult(reading.Format, outcomes, notes);
        return dryRun || !result.Ok ? result : await MakeAsync(result, cancellation);
    }

    private List<FieldNote> Errors(ImportedProvider found, HashSet<string> names)
    {
        if (found.Problem is { } problem)
            return [new("type", problem)];
        var errors = directory.Check(found.Draft).ToList();
        if (directory.Find(found.Draft.Name) is not null)
            errors.Add(new("name", $"There is already a provider named {found.Draft.Name}. It may have been imported before; remove it, or leave this one out with --only."));
        else if (!names.Add(found.Draft.Name))
            errors.Add(new("name", $"Two accounts would both be named {found.Draft.Name}. Import them one at a time with --only and --name."));
        return errors;
    }

    private async Task<ImportResult> MakeAsync(ImportResult result, CancellationToken cancellation)
    {
        var made = new List<ImportOutcome>();
        foreach (var outcome in result.Providers)
        {
            if (await directory.AddAsync(outcome.Found.Draft, cancellation) is ProviderResult.Saved { Provider: var provider })
            {
                made.Add(outcome with { Made = provider });
                continue;
            }
            // Somebody took the name in between. What was made so far is taken back: all or none.
            foreach (var before in made)
                await directory.RemoveAsync(before.Made!.Id, CancellationToken.None);
            FieldNote taken = new("name", $"{outcome.Found.Draft.Name} could not be made: somebody added a provider of that name at the same moment. Nothing was imported; try again.");
            return result with { Providers = [.. result.Providers.Select(other => other == outcome ? outcome with { Errors = [taken] } : other)] };
        }
        return result with { Providers = made };
    }
}
