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
