using Postrider.Server.Console.Languages;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console.People;

/// <summary>Who may sign in to the console. Times are milliseconds since 1970 UTC.</summary>
internal sealed class Person
{
    public string Id { get; init; } = "";
    public string Name { get; init; } = "";
    public string Role { get; init; } = "";
    public string? PasswordHash { get; init; }
    public int Failures { get; init; }
    public long? LockedUntil { get; init; }
    public long CreatedAt { get; init; }
    public long? LastSeenAt { get; init; }

    /// <summary>Sealed. Null: no codes are asked for.</summary>
    public string? TotpSecret { get; init; }
    public long? TotpSince { get; init; }
    public long TotpStep { get; init; }

    /// <summary>Who the person is at the identity provider; null where they have not come from there.</summary>
    public string? OidcSubject { get; init; }

    /// <summary>How many passkeys the person has.</summary>
    public long Passkeys { get; init; }

    public bool AsksForCode => TotpSince is not null;

    /// <summary>What the person signs in with, in words.</summary>
    public string Ways => string.Join(", ", new[]
    {
        PasswordHash is null ? null : AsksForCode ? T["password and code"] : T["password"], Passkeys > 0 ? T["passkey"] : null, OidcSubject is null ? null : T["single sign-on"],
    }.OfType<Phrase>()) is { Length: > 0 } ways ? ways : T["nothing yet: a link is open"];
}

/// <summary>The answer to a password.</summary>
internal abstract record SignIn
{
    private SignIn() { }

    public sealed record Welcome(Person Person) : SignIn;

    /// <summary>Name or password is wrong; which of them is not said.</summary>
    public sealed record Wrong : SignIn;

    /// <summary>Too many were wrong: no password is looked at until then.</summary>
    public sealed record Locked(DateTimeOffset Until) : SignIn;
}
