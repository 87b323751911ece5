using System.Diagnostics.Metrics;
using Postrider.Accounts;

namespace Postrider.Server.Submission;

/// <summary>What the SMTP door counts.</summary>
internal static class SubmissionMeters
{
    private static readonly Meter Meter = new(AccountsMeters.MeterName);

    public static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>("postrider.smtp_server.connections", "{connection}", "Connections of clients");
    public static readonly Counter<long> AuthFailures = Meter.CreateCounter<long>("postrider.auth.failures", "{attempt}", "Wrong passwords at the SMTP door");
}
