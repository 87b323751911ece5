using System.Globalization;
using Postrider.Accounts.Providers;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

/// <summary>Whether mail flows, in one sentence; then what needs somebody; then the figures.</summary>
internal sealed class IndexModel(ProviderDirectory directory, FlowFigures figures, DeliveryActivity activity, SendingHold hold) : ConsolePage
{
    public Flow Flow { get; private set; } = null!;
    /// <summary>More cards than these nobody reads.</summary>
    public const int CardsShown = 12;

    private const int SoonShown = 20;

    public IReadOnlyList<Provider> Providers { get; private set; } = [];
    public IReadOnlyList<Incident> Soon { get; private set; } = [];

    /// <summary>Nodes that are missing, or whose clock is wrong.</summary>
    public IReadOnlyList<Node> Ailing { get; private set; } = [];

    /// <summary>The provider that needs somebody first.</summary>
    public Provider? First { get; private set; }
    public string Sentence { get; private set; } = "";
    public string Second { get; private set; } = "";
    public string Shape { get; private set; } = "●";
    public string Colour { get; private set; } = "ok";
    public string Edge => $"{Colour}-edge";

    public async Task OnGetAsync(CancellationToken cancellation)
    {
        Flow = await figures.GetAsync(cancellation);
        Providers = [.. directory.All.OrderBy(provider => Urgency(provider.State)).ThenBy(provider => provider.Name)];
        Soon = [.. Flow.Opened.Rows.Where(incident => incident.Kind.EndsWith("expiry", StringComparison.Ordinal) || incident.Kind.StartsWith("grant", StringComparison.Ordinal)).Take(SoonShown)];
        Ailing = [.. Flow.Seen.Rows.Where(node => node.Warning is not null)];
        Tell();
    }

    public string Pace(Provider provider)
    {
        var (sent, allowed) = (activity.Of(provider.Id)?.SentInLastMinute ?? 0, provider.Limits.MessagesPerMinute);
        return allowed > 0 ? T[$"{sent} of {allowed} a minute"] : T[$"{sent} in the last minute"];
    }

    public Picture Hours
    {
        get
        {
            var hours = Flow.Hours();
            return new("hours", T["Messages an hour, last 24 h"], T["No message was handed in during the last 24 hours."], hours.All(hour => hour.Sent + hour.Failed + hour.Waiting == 0) ? null : Chart.Bars(
                [.. hours.Select(hour => new Bar(Zone.Local(hour.Hour).ToString("HH:mm", CultureInfo.InvariantCulture), [("ok", hour.Sent), ("bad", hour.Failed), ("muted", hour.Waiting)]))],
                T[$"Messages an hour by outcome, in the last 24 hours (hours in {Zone.Name})"]),
                [("ok", "■", T["Sent"]), ("bad", "✕", T["Failed or bounced"]), ("", "□", T["Waiting"]), ("", "", T[$"Hours in {Zone.Name}"])], [T[$"Hour ({Zone.Name})"], T["Sent"], T["Failed"], T["Waiting"]],
                [.. hours.Where(hour => hour.Sent + hour.Failed + hour.Waiting > 0).Select(hour => (IReadOnlyList<string>)[Zone.Minute(hour.Hour), Moment.Number(hour.Sent), Moment.Number(hour.Failed), Moment.Number(hour.Waiting)])]);
        }
    }

    private void Tell()
    {
        First = Providers.FirstOrDefault(provider => provider.State is ProviderState.NeedsAttention or ProviderState.NeedsConsent);
        if (hold.Now is not null)
            (Shape, Colour, Sentence, Second) = ("❚❚", "held", T["Sending is held: nothing goes out until it is released."], Waits(Flow.Waiting));
        else if (Providers.Count == 0)
            (Shape, Colour, Sentence, Second) = ("◐", "warn", T["No mailbox is connected yet."], Flow.Waiting > 0 ? Waits(Flow.Waiting) : T["Mail can be sent once there is one."]);
        else if (First is { State: ProviderState.NeedsAttention } sick)
            (Shape, Colour, Sentence, Second) = ("▲", "bad", T[$"{sick.DisplayName} needs you: {T.Told(sick.StateReason)}"], WaitsFor(sick));
        else if (First is { } unconnected)
            (Shape, Colour, Sentence, Second) = ("◐", "warn", T[$"{unconnected.DisplayName} is not connected yet."], WaitsFor(unconnected));
        else if (Providers.FirstOrDefault(provider => activity.Of(provider.Id)?.Fault is not null) is { } faulty && activity.Of(faulty.Id)?.Fault is { } fault)
            (Shape, Colour, Sentence, Second) = ("◷", "warn", T[$"{faulty.DisplayName} does not take mail at the moment: {T.Told(fault.Cause)}"], $"{WaitsFor(faulty)} {T["It is tried again by itself."]}");
        else if (Providers.FirstOrDefault(provider => provider.State == ProviderState.Paused || (provider.State == ProviderState.Disabled && Flow.WaitingFor(provider.Id) > 0)) is { } idle)
            (Shape, Colour, Sentence, Second) = ("❚❚", "held", idle.State == ProviderState.Paused ? T[$"{idle.DisplayName} is paused."] : T[$"{idle.DisplayName} is switched off."], WaitsFor(idle));
        else if (Flow.Hourly.At is null || Flow.Queued.At is null)
            (Shape, Colour, Sentence, Second) = ("◷", "warn", T["Mail cannot be counted at the moment."], T["No provider needs anybody, and mail is sent all the same. The log says why it cannot be counted."]);
        else
            (Sentence, Second) = (T[$"All mail is flowing. {Moment.Number(Flow.Sent)} sent in the last 24 hours."], string.Join(' ', new[]
            {
                Flow.Waiting > Flow.Held ? T[$"{Moment.Number(Flow.Waiting - Flow.Held)} on their way."].ToString() : "", Flow.Held > 0 ? T[$"{Moment.Number(Flow.Held)} held by hand."].ToString() : "",
            }.Where(text => text.Length > 0)));
    }

    private string WaitsFor(Provider provider) => Waits(Flow.WaitingFor(provider.Id));

    private static string Waits(long count) => count == 0 ? T["No mail waits."] : T.Count(count, "1 message waits; nothing is lost.", "{0} messages wait; nothing is lost.");

    private static int Urgency(ProviderState state) => state switch
    {
        ProviderState.NeedsAttention => 0, ProviderState.NeedsConsent => 1, ProviderState.Paused => 2, ProviderState.Ready => 3, _ => 4,
    };
}
