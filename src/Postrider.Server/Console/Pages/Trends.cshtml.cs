using Postrider.Accounts.Providers;
using Postrider.Mail.Delivery;
using Postrider.Mail.Trends;
using Postrider.Server.Console.Figures;
using Postrider.Server.Console.Ui;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.Pages;

/// <summary>What happened to mail over the last hour, day or week, in pictures.</summary>
internal sealed class TrendsModel(TrendHistory history, ProviderDirectory directory, DeliveryActivity activity, Permits permits, ProviderFailures failures) : ConsolePage
{
    private const int ProvidersShown = 12;

    public TrendRange Range { get; private set; } = TrendRange.Day;

    /// <summary>Whose pictures they are; null: of all providers.</summary>
    public Provider? Provider { get; private set; }
    public IReadOnlyList<Picture> Pictures { get; private set; } = [];
    public IReadOnlyList<(Provider Provider, HealthStrip Strip)> Strips { get; private set; } = [];
    public IReadOnlyList<(Provider Provider, long Used, long Limit)> Rates { get; private set; } = [];
    public IReadOnlyList<FailureCause> Causes { get; private set; } = [];

    /// <summary>As many providers are not shown.</summary>
    public int Left { get; private set; }

    public IReadOnlyList<(string, string)> Providers => [("", T["All"]), .. directory.All.Select(provider => (provider.Name, provider.DisplayName))];

    public string Address(TrendRange range) => Url.Content("~/trends") + QueryString.Create([new("range", range.Name), .. Provider is { } of ? [new KeyValuePair<string, string?>("provider", of.Name)] : Array.Empty<KeyValuePair<string, string?>>()]);

    public async Task OnGetAsync(string? range, string? provider, CancellationToken cancellation)
    {
        Range = TrendRange.Find(range);
        Provider = string.IsNullOrWhiteSpace(provider) ? null : directory.All.FirstOrDefault(one => one.Name == provider);
        if (Provider is null && !string.IsNullOrWhiteSpace(provider))
            Errors["provider"] = [T["There is no provider of that name: these are the pictures of all."]];
        var (whose, called, since) = (Provider?.Id ?? TrendHistory.All, Provider?.DisplayName ?? "", Range.Begins(Now)[0]);
        var trends = await history.OfAsync(whose, Range.Minutes, since, cancellation);
        var pictures = new TrendPictures(Range, trends, Zone, Now, called);
        var midnights = TrendPictures.Midnights(Zone, Now);
        Pictures =
        [
            pictures.Throughput(), pictures.Waiting(), pictures.Latency(await history.TimesAsync(whose, Range.Minutes, since, cancellation)),
            TrendPictures.Days(await history.OfAsync(whose, TrendHistory.Hour, midnights[0], cancellation), await failures.BouncedAsync(whose, midnights, cancellation), Zone, Now, called),
        ];
        Causes = await failures.OfAsync(whose, since, cancellation);
        IReadOnlyList<Provider> shown = Provider is { } one ? [one] : [.. directory.All.OrderBy(each => each.State == ProviderState.Ready).ThenBy(each => each.Name).Take(ProvidersShown)];
        Left = Provider is null ? directory.All.Count - shown.Count : 0;
        var (strips, rates) = (new List<(Provider, HealthStrip)>(shown.Count), new List<(Provider, long, long)>(shown.Count));
        foreach (var each in shown)
        {
            strips.Add((each, new HealthStrip(each.DisplayName, await history.OfAsync(each.Id, TrendHistory.FiveMinutes, HealthStrip.Since(Now), cancellation), Now)));
            // With a limit all nodes are counted together; without one each counts for itself.
            var counted = each.Limits.MessagesPerMinute > 0 ? (await permits.UsedAsync(each.Id, cancellation)).InMinute : 0;
            rates.Add((each, Math.Max(counted, activity.Of(each.Id)?.SentInLastMinute ?? 0), each.Limits.MessagesPerMinute));
        }
        (Strips, Rates) = (strips, rates);
    }
}
