using System.Net.Sockets;
using MailKit;
using MailKit.Net.Imap;
using MailKit.Search;
using MailKit.Security;
using MimeKit;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Tokens;

namespace Postrider.Mail.Tracking;

/// <summary>Why a mailbox could not be read, and what to do.</summary>
public sealed record MailboxTrouble(string Cause, string Remedy);

/// <summary>Reads what came back from a provider's mailbox, by IMAP (RFC 3501) over TLS. The folder is opened to be read only and nothing is
/// marked: whoever uses the mailbox sees no trace of it. Of mail that cannot be a report the header is all that is looked at.</summary>
internal sealed class MailboxReader(TokenKeeper tokens, ProviderSecrets secrets, Reports reports, ReportMailboxes mailboxes, TimeProvider time)
{
    /// <summary>A mailbox that is new to us is read from so long ago.</summary>
    private static readonly TimeSpan FirstLook = TimeSpan.FromDays(3);

    private const int AtOnce = 100, TimeOut = 30_000;

    private static readonly FetchRequest Heads = new(MessageSummaryItems.UniqueId, ["From", "Return-Path", "Content-Type", "X-Failed-Recipients"]);

    /// <summary>One look at what is new.</summary>
    /// <returns>Null when all went well.</returns>
    public Task<MailboxTrouble?> ReadAsync(Provider provider, ReportMailbox place, CancellationToken cancellation) =>
        WithFolderAsync(provider, (folder, stop) => ReadAsync(provider, folder, place, stop), cancellation);

    /// <summary>Signs in and opens the folder, no more.</summary>
    public Task<MailboxTrouble?> TestAsync(Provider provider, CancellationToken cancellation) => WithFolderAsync(provider, (_, _) => Task.CompletedTask, cancellation);

    private async Task<MailboxTrouble?> WithFolderAsync(Provider provider, Func<IMailFolder, CancellationToken, Task> work, CancellationToken cancellation)
    {
        var (mechanism, without) = await MechanismAsync(provider, cancellation);
        if (mechanism is null)
            return without;
        var (host, port) = ImapServer.Parse(provider.ImapAddress)!.Value;
        using var client = new ImapClient { Timeout = TimeOut, CheckCertificateRevocation = false };
        try
        {
            await client.ConnectAsync(host, port, SecureSocketOptions.SslOnConnect, cancellation);
            await client.AuthenticateAsync(mechanism, cancellation);
            var folder = provider.ImapFolder.Length == 0 ? client.Inbox : await client.GetFolderAsync(provider.ImapFolder, cancellation);
            await folder.OpenAsync(FolderAccess.ReadOnly, cancellation);
            await work(folder, cancellation);
            await client.DisconnectAsync(true, cancellation);
            return null;
        }
        catch (FolderNotFoundException)
        {
            return new($"The mailbox has no folder \"{provider.ImapFolder}\".", "Write its whole name as the server has it, for example INBOX/Bounces, or leave it empty for the inbox.");
        }
        catch (AuthenticationException refused)
        {
            return Refused(provider, refused.Message);
        }
        catch (ImapCommandException refused)
        {
            return refused.Message.Contains("not connected", StringComparison.OrdinalIgnoreCase) ? Refused(provider, refused.Message)
                : new($"{host} refused to show the mailbox: {ReportReader.Clean(refused.Message)}", "Check that the mailbox may be read over IMAP.");
        }
        catch (Exception failed) when (failed is SocketException or IOException or ImapProtocolException or SslHandshakeException or ServiceNotConnectedException or TimeoutException)
        {
            return new($"{host}:{port} could not be read: {ReportReader.Clean(failed is SslHandshakeException ? "its TLS certificate is not trusted, or it does not speak TLS on this port." : failed.Message)}",
                "Check the IMAP address. Reports are read again by themselves; mail goes on.");
        }
    }

    private async Task ReadAsync(Provider provider, IMailFolder folder, ReportMailbox place, CancellationToken cancellation)
    {
        // Another validity means that the numbers begin anew (RFC 3501 section 2.3.1.1).
        var known = place.UidValidity == folder.UidValidity ? (uint?)place.LastUid : null;
        var fresh = await folder.SearchAsync(known is { } last
            ? SearchQuery.Uids(new UniqueIdRange(new UniqueId(Math.Min(last, uint.MaxValue - 1) + 1), UniqueId.MaxValue)) : SearchQuery.DeliveredAfter((time.GetUtcNow() - FirstLook).UtcDateTime), cancellation);
        // A range to the end always has the last message in it.
        foreach (var some in fresh.Where(uid => known is not { } seen || uid.Id > seen).Order().Chunk(AtOnce))
        {
            var found = 0;
            foreach (var head in await folder.FetchAsync(some, Heads, cancellation))
                if (head.Headers is { } headers && MayBeReport(headers) && await TakeAsync(provider, folder, head.UniqueId, cancellation))
                    found++;
            await mailboxes.ReachedAsync(provider.Id, folder.UidValidity, some[^1].Id, found);
        }
    }

    private async Task<bool> TakeAsync(Provider provider, IMailFolder folder, UniqueId uid, CancellationToken cancellation)
    {
        await using var part = await folder.GetStreamAsync(uid, 0, ReportReader.MostRead, cancellation);
        using var bytes = new MemoryStream();
        await part.CopyToAsync(bytes, cancellation);
        return await reports.AddAsync(bytes.ToArray(), new ReportOrigin("mailbox", provider.Name, provider.Id), cancellation) is { Known: false };
    }

    internal static bool MayBeReport(HeaderList headers) =>
        headers[HeaderId.ContentType]?.TrimStart().StartsWith("multipart/report", StringComparison.OrdinalIgnoreCase) == true
        || OddReports.IsFromServer(headers, InternetAddressList.TryParse(headers[HeaderId.From] ?? "", out var from) ? from.Mailboxes.FirstOrDefault()?.Address ?? "" : "");

    private async Task<(SaslMechanism?, MailboxTrouble?)> MechanismAsync(Provider provider, CancellationToken cancellation)
    {
        if (provider.Type == ProviderType.Password)
            return (new SaslMechanismPlain(provider.UserName, await secrets.PasswordAsync(provider.Id, cancellation) ?? ""), null);
        return await tokens.GetAsync(provider.Id, cancellation) switch
        {
            TokenResult.Ready { Token: var token } => (new SaslMechanismOAuth2(provider.UserName, token.Value), null),
            TokenResult.Later later => (null, new(later.Reason, later.Remedy)),
            TokenResult.Broken broken => (null, new(broken.Reason, broken.Remedy)),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private static MailboxTrouble Refused(Provider provider, string said)
    {
        var words = ReportReader.Clean(said);
        if (words.Contains("authenticated but not connected", StringComparison.OrdinalIgnoreCase))
            return new($"IMAP is switched off for {provider.UserName}. The server said: {words}", $"An Exchange administrator runs:\n    Set-CASMailbox -Identity {provider.UserName} -ImapEnabled $true");
        return new($"The IMAP server did not let {provider.UserName} in. It said: {words}", ImapServer.ScopeMissing(provider) is { } scope
            ? $"The token is not for IMAP. Give the application the permission IMAP.AccessAsUser.All, add {scope} to the provider's scope, then connect it again."
            : "Check that IMAP is switched on for the mailbox, then connect the provider again.");
    }
}
