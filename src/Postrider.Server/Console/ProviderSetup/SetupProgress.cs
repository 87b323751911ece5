using Postrider.Accounts.Providers;
using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.ProviderSetup;

internal enum SetupStep
{
    Choose,
    Register,
    Details,
    Connect,
    Test,
}

/// <summary>How far the set-up of a provider is, and where its steps are.</summary>
/// <param name="Draft">Null before the first choice.</param>
/// <param name="Made">The provider, once step 3 has made it.</param>
internal sealed record SetupProgress(UnfinishedProvider? Draft, Provider? Made, SetupStep Current)
{
    public const string Root = "/providers/add", Registered = "registered";

    public static readonly IReadOnlyList<(SetupStep Step, Phrase Title)> Steps =
        [(SetupStep.Choose, T["Choose"]), (SetupStep.Register, T["Register the app"]), (SetupStep.Details, T["Details"]), (SetupStep.Connect, T["Connect"]), (SetupStep.Test, T["Test"])];

    public static string PathOf(string id, SetupStep step) => step == SetupStep.Choose ? $"{Root}/{id}" : $"{Root}/{id}/{step.ToString().ToLowerInvariant()}";

    public string PathOf(SetupStep step) => Draft is null ? Root : PathOf(Draft.Id, step);

    public bool MayOpen(SetupStep step) => Draft is not null && (step <= SetupStep.Details || Made is not null);

    public bool IsDone(SetupStep step) => step switch
    {
        SetupStep.Choose => Draft is not null,
        SetupStep.Register => Made is not null || Draft?[Registered].Length > 0,
        SetupStep.Details => Made is not null,
        SetupStep.Connect => Made is { State: not ProviderState.NeedsConsent },
        _ => false,
    };

    /// <summary>The first step that is not done.</summary>
    public SetupStep Next => Steps.Select(step => step.Step).First(step => !IsDone(step));
}

/// <summary>Finds set-ups that were begun.</summary>
internal sealed class SetupDrafts(UnfinishedProviders unfinished, ProviderDirectory providers)
{
    public async Task<SetupProgress?> FindAsync(string id, SetupStep current, CancellationToken cancellation) =>
        await unfinished.FindAsync(id, cancellation) is { } draft ? Progress(draft, current) : null;

    public async Task<IReadOnlyList<SetupProgress>> ListAsync(CancellationToken cancellation) =>
        [.. (await unfinished.ListAsync(cancellation)).Select(draft => Progress(draft, SetupStep.Choose)).OfType<SetupProgress>()];

    // A set-up whose provider was removed by another node is over.
    private SetupProgress? Progress(UnfinishedProvider draft, SetupStep current) =>
        draft.ProviderId is not { } made ? new(draft, null, current) : providers.Find(made) is { } provider ? new(draft, provider, current) : null;
}
