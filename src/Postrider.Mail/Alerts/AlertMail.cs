using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using MimeKit;
using Postrider.Accounts.Providers;
using Postrider.Accounts.Watch;
using Postrider.Mail.Queue;
using Postrider.Smtp;
using Postrider.Storage;

namespace Postrider.Mail.Alerts;

/// <summary>Tells people by mail, through a provider that the alert is not about. An alert mail is marked as written by a program, nobody is
/// told of its failure, and it causes no event, so that alerts cannot feed on themselves.</summary>
public sealed class AlertMail
{
    private const string SelectDue = "select id, at, type, provider_id, message_id, incident_id, data from feed where mail_due = 1 order by id limit 50";
    private const string Done = "update feed set mail_due = 0 where id = @id";
    private const string Owner = "alerts";
    internal const string Source = "alert";

    // What could not be told by mail for a day is told by its next reminder.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(1);

    private readonly Database database;
    private readonly MessageQueue queue;
    private readonly Incidents incidents;
    private readonly ProviderDirectory providers;
    private readonly ReconnectLinks links;
    private readonly GatewayName name;
    private readonly TimeProvider time;
    private readonly AlertOptions options;
    private readonly ILogger<AlertMail> log;

    internal AlertMail(Database database, MessageQueue queue, Incidents incidents, ProviderDirectory providers, ReconnectLinks links, GatewayName name, TimeProvider time,
        IOptions<AlertOptions> options, ILogger<AlertMail> log) =>
        (this.database, this.queue, this.incidents, this.providers, this.links, this.name, this.time, this.options, this.log) = (database, queue, incidents, providers, links, name, time, options.Value, log);

    /// <param name="Provider">The id of the provider to go through; null takes any that is ready.</param>
    public sealed record Recipients(IReadOnlyList<string> To, string? Provider);

    private sealed class SettingsRow
    {
        public string Recipients { get; init; } = "";
        public string? ProviderId { get; init; }
    }

    /// <summary>Who gets alert mail now: what was set over the interface, else the configuration.</summary>
    public async Task<Recipients> RecipientsAsync(CancellationToken cancellation) =>
        await database.ReadAsync(session => session.FirstOrDefaultAsync<SettingsRow>("select recipients, provider_id from alert_mail where id = 1"), cancellation) is { } row
            ? new(row.Recipients.Split(' ', StringSplitOptions.RemoveEmptyEntries), row.ProviderId)
            : new(options.Recipients, options.Provider is { Length: > 0 } named ? providers.Find(named)?.Id ?? named : null);

    public Task SetRecipientsAsync(Recipients recipients, CancellationToken cancellation) => database.WriteAsync(async session =>
    {
        await session.ExecuteAsync("delete from alert_mail");
        await session.ExecuteAsync("insert into alert_mail (id, recipients, provider_id) values (1, @to, @Provider)", new { to = string.Join(' ', recipients.To), recipients.Provider });
    }, cancellation);

    /// <summary>Hands in what is due. What can go through no provider now stays due.</summary>
    internal async Task SendDueAsync(CancellationToken cancellation)
    {
        var due = await database.ReadAsync(session => session.QueryAsync<EventFeed.Row>(SelectDue), cancellation);
        if (due.Count == 0)
            return;
        var recipients = await RecipientsAsync(cancellation);
        foreach (var row in due)
        {
            if (recipients.To.Count > 0 && !await SendAsync(row.ToEvent(), recipients, cancellation))
                continue;
            await database.WriteAsync(session => session.ExecuteAsync(Done, new { id = row.Id }), cancellation);
        }
    }

    private async Task<bool> SendAsync(FeedEvent told, Recipients recipients, CancellationToken cancellation)
    {
        if (await incidents.FindAsync(told.IncidentId!, cancellation) is not { } incident)
            return true;
        // Between opening and now it may have healed: the mail that says so follows, and this one would only alarm.
        if (told.Type != EventType.AlertRecovered && !incident.Open)
            return true;
        if (Way(incident, recipients.Provider) is not { } provider)
        {
            var late = time.GetUtcNow() - told.At > GiveUpAfter;
            if (late)
                AlertLog.NoMail(log, incident.Title, "no other provider is ready to send it.");
            return late;
        }
        var message = await WriteAsync(told, incident, provider, recipients.To, cancellation);
        await queue.AddAsync(message, cancellation);
        return true;
    }

    /// <summary>The provider that was chosen, where it is not the broken one and works; else any other that is ready.</summary>
    private Provider? Way(Incident incident, string? chosen)
    {
        bool Usable(Provider provider) => provider.Id != incident.ProviderId && provider.State == ProviderState.Ready && SmtpAddress.TryParse(provider.UserName, out _);
        return chosen is not null && providers.Find(chosen) is { } named && Usable(named) ? named : providers.All.FirstOrDefault(Usable);
    }

    private async Task<NewMessage> WriteAsync(FeedEvent told, Incident incident, Provider provider, IReadOnlyList<string> to, CancellationToken cancellation)
    {
        var about = incident.ProviderId is { } id ? providers.Find(id) : null;
        var link = about is not null && told.Type != EventType.AlertRecovered && incident.Kind is FindingKind.ProviderAttention or FindingKind.ProviderConsent or FindingKind.GrantIdle or FindingKind.GrantPattern
            ? await links.MakeAsync(about!, cancellation) : null;
        var (messageId, mail) = (MessageIds.New(time), new MimeMessage());
        mail.Date = time.GetUtcNow();
        mail.MessageId = $"{messageId}@{name.Value}";
        mail.Subject = told.Type switch
        {
            EventType.AlertRecovered => $"Recovered: {incident.Title}",
            EventType.AlertReminded => $"Still: {incident.Title}",
            _ => incident.Title,
        };
        // All mail about one incident is one conversation.
        mail.Headers.Add(HeaderId.References, $"<{incident.Id}@{name.Value}>");
        mail.Headers.Add(HeaderId.AutoSubmitted, "auto-generated");
        mail.Headers.Add("X-Auto-Response-Suppress", "All");
        mail.From.Add(new MailboxAddress("Postrider", provider.UserName));
        foreach (var address in to)
            mail.To.Add(new MailboxAddress("", address));
        mail.Body = new TextPart("plain") { Text = Text(told, incident, link) };
        mail.Prepare(EncodingConstraint.SevenBit);
        var international = !Ascii.IsValid(provider.UserName) || to.Any(address => !Ascii.IsValid(address));
        using var bytes = new MemoryStream();
        await mail.WriteToAsync(new FormatOptions { NewLineFormat = NewLineFormat.Dos, EnsureNewLine = true, International = international }, bytes, cancellation);
        return new NewMessage
        {
            Id = messageId, ProviderId = provider.Id, Source = Source, MailFrom = provider.UserName, Recipients = to, HeaderFrom = provider.UserName, Subject = mail.Subject,
            HeaderId = $"<{mail.MessageId}>", ReportOf = told.Id, Body = international ? SmtpBody.EightBitMime : SmtpBody.SevenBit, SmtpUtf8 = international, Content = StoredBytes.From(bytes.ToArray()),
            // The same event gives the same mail, also when the process ends between handing in and noting it.
            Idempotency = new IdempotencyKey(Owner, told.Id, told.Id),
        };
    }

    private string Text(FeedEvent told, Incident incident, Uri? link)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append("\r\n");
        Line(incident.Title);
        if (told.Type == EventType.AlertRecovered)
        {
            Line(string.Create(CultureInfo.InvariantCulture, $"It was so from {incident.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm} to {incident.RecoveredAt?.UtcDateTime:yyyy-MM-dd HH:mm} UTC, and is no more. Nothing needs doing."));
            return text.ToString();
        }
        Line();
        Line(incident.Detail);
        Line(string.Create(CultureInfo.InvariantCulture, $"Since {incident.OpenedAt.UtcDateTime:yyyy-MM-dd HH:mm} UTC."));
        Line();
        Line("What to do:");
        foreach (var line in incident.Remedy.Split('\n'))
            Line(line.TrimEnd('\r'));
        if (link is not null)
        {
            Line();
            Line("If somebody has to sign in again, this starts it, once:");
            Line($"    {link.AbsoluteUri}");
            Line(string.Create(CultureInfo.InvariantCulture, $"It works until {(time.GetUtcNow() + options.ReconnectLink).UtcDateTime:yyyy-MM-dd HH:mm} UTC{(link.IsLoopback ? ", in a browser on the machine that Postrider runs on" : "")}."));
        }
        return text.ToString();
    }
}
