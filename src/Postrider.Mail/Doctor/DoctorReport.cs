namespace Postrider.Mail.Doctor;

/// <summary>What one step of a test came to.</summary>
/// <param name="Name">One of <see cref="DoctorStepName"/>.</param>
/// <param name="Ok">Null when the step was left out; <paramref name="Detail"/> then says why. A warning is no failure.</param>
/// <param name="Detail">What was seen, and of a refusal the other side's own words.</param>
public sealed record DoctorStep(string Name, bool? Ok, string Detail, string? Cause = null, string? Remedy = null, TimeSpan? Took = null)
{
    public DoctorStatus Status => Ok switch { null => DoctorStatus.Skipped, false => DoctorStatus.Failed, true => Cause is null ? DoctorStatus.Ok : DoctorStatus.Warning };
}

public enum DoctorStatus
{
    Ok,

    /// <summary>It works, and something about it will or may not.</summary>
    Warning,
    Failed,
    Skipped,
}

/// <summary>A provider's test, in the order in which a message meets its steps.</summary>
public sealed record DoctorReport(IReadOnlyList<DoctorStep> Steps)
{
    /// <summary>No step failed. One that was left out because nothing called for it does not count.</summary>
    public bool Ok => Steps.All(step => step.Ok != false);
}

/// <summary>The steps' names in the contract.</summary>
public static class DoctorStepName
{
    public const string Dns = "dns", Tcp = "tcp", Tls = "tls", Ehlo = "ehlo", Platform = "platform", Token = "token", Claims = "claims", Auth = "auth", Sender = "sender", Senders = "senders", Reports = "reports", Message = "message";

    /// <summary>The order in which they are tried.</summary>
    public static readonly IReadOnlyList<string> All = [Dns, Tcp, Tls, Ehlo, Platform, Token, Claims, Auth, Sender, Senders, Reports, Message];

    /// <summary>The name within a sentence.</summary>
    public static string InWords(string name) => name is Dns or Tcp or Tls or Ehlo or Auth or "http" or "smtp" ? name.ToUpperInvariant() : $"{char.ToUpperInvariant(name[0])}{name[1..]}";
}
