using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Languages;
using Postrider.Storage.Copies;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Ui;

/// <summary>What of a restored copy waits, by provider, and what the installation that was backed up has done since.</summary>
internal sealed record SinceBackup(HeldSending Held, HeldMail Mail, ProviderDirectory Providers, DateTimeOffset Now)
{
    private static readonly string[] Kinds = [DifferenceKind.Sent, DifferenceKind.Ended, DifferenceKind.Partly, DifferenceKind.Uncertain, DifferenceKind.Held, DifferenceKind.Unknown];

    /// <summary>Where the messages of the backup that wait are listed.</summary>
    public string? ListOf(HeldOfProvider one) => Providers.Find(one.ProviderId) is { } provider && one.FromBackup > 0
        ? $"~/messages?provider={Uri.EscapeDataString(provider.Name)}&state=queued&until={Held.BackupMadeAt!.Value.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss'Z'}" : null;

    public static IEnumerable<(string Word, long Count)> Of(HeldOfProvider one) => Kinds.Where(one.Differences.ContainsKey).Select(kind => (Word(kind), one.Differences[kind]));

    public static string Word(string kind) => kind switch
    {
        DifferenceKind.Sent => T["sent there"],
        DifferenceKind.Ended => T["failed or cancelled there"],
        DifferenceKind.Partly => T["sent there to some"],
        DifferenceKind.Uncertain => T["may have been sent there"],
        DifferenceKind.Held => T["held there"],
        _ => T["not known there any more"],
    };
}
