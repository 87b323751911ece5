using Postrider.Accounts.Providers;
using Postrider.Mail.Alerts;
using Postrider.Mail.Delivery;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.Pages;

/// <summary>Whether mail flows, in one sentence; then what needs somebody; then the figures.</summary>
internal sealed class IndexModel(ProviderDirectory directory, FlowFigures figures, Incidents incidents, DeliveryActivity activity) : ConsolePage
{
    public Flow Flow { get; private set; } = null!;
    public IReadOnlyList<Provider> Providers { get; private set; } = [];
    public IReadOnlyList<Incident> Soon { get; private set; } = [];

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
        Soon = [.. (await incidents.ListAsync(all: false, null, null, 20, cancellation)).Where(incident => incident.Kind.EndsWith("expiry", StringComparison.Ordinal) || incident.Kind.StartsWith("grant", StringComparison.Ordinal))];
        Tell();
    }

    public string Pace(Provider provider)
    {
        var (sent, allowed) = (activity.Of(provider.Id)?.SentInLastMinute ?? 0, provider.Limits.MessagesPerMinute);
        return allowed > 0 ? $"{sent} of {allowed} a minute" : $"{sent} in the last minute";
    }

    private void Tell()
    {
        First = Providers.FirstOrDefault(provider => provider.State is ProviderState.NeedsAttention or ProviderState.NeedsConsent);
        var waits = Flow.Waiting switch { 0 => "No mail waits.", 1 => "1 message waits; nothing is lost.", var many => $"{Moment.Number(many)} messages wait; nothing is lost." };
        if (Providers.Count == 0)
            (Shape, Colour, Sentence, Second) = ("◐", "warn", "No mailbox is connected yet.", Flow.Waiting > 0 ? waits : "Mail can be sent once there is one.");
        else if (First is { State: ProviderState.NeedsAttention } sick)
            (Shape, Colour, Sentence, Second) = ("▲", "bad", $"{sick.DisplayName} needs you: {sick.StateReason}", waits);
        else if (First is { } unconnected)
            (Shape, Colour, Sentence, Second) = ("◐", "warn", $"{unconnected.DisplayName} is not connected yet.", waits);
        else if (Providers.FirstOrDefault(provider => activity.Of(provider.Id)?.Fault is not null) is { } faulty && activity.Of(faulty.Id)?.Fault is { } fault)
            (Shape, Colour, Sentence, Second) = ("◷", "warn", $"{faulty.DisplayName} does not take mail at the moment: {fault.Cause}", waits + " It is tried again by itself.");
        else if (Providers.FirstOrDefault(provider => provider.State == ProviderState.Paused) is { } paused)
            (Shape, Colour, Sentence, Second) = ("❚❚", "held", $"{paused.DisplayName} is paused.", waits);
        else
            (Sentence, Second) = ($"All mail is flowing. {Moment.Number(Flow.Sent)} sent in the last 24 hours.", Flow.Waiting > 0 ? $"{Moment.Number(Flow.Waiting)} on their way." : "");
    }

    private static int Urgency(ProviderState state) => state switch
    {
        ProviderState.NeedsAttention => 0, ProviderState.NeedsConsent => 1, ProviderState.Paused => 2, ProviderState.Ready => 3, _ => 4,
    };
}
