using System.Diagnostics.Metrics;

namespace Postrider.Accounts;

/// <summary>What the Accounts room counts. All rooms use the one meter name, to which collectors subscribe.</summary>
public static class AccountsMeters
{
    public const string MeterName = "Postrider";

    private static readonly Meter Meter = new(MeterName);

    private static readonly Counter<long> TokenRefreshes = Meter.CreateCounter<long>("postrider.token.refreshes", "{refresh}", "Requests for a new access token");

    internal static void Refreshed(string provider, string result) => TokenRefreshes.Add(1, new("connection", provider), new KeyValuePair<string, object?>("result", result));
}
