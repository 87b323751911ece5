using System.Text.Json;
using System.Text.Json.Serialization;

namespace Postrider.Accounts.Failures;

/// <summary>What kind of failure a group of entries is about.</summary>
internal enum FailureWhere
{
    Smtp,
    OAuth,
    Network,
}

/// <summary>How sure the reference is: D documented, O observed, N believed but not re-read, U unconfirmed.</summary>
internal enum Evidence
{
    D,
    O,
    N,
    U,
}

/// <summary>A group of failures.json; a chapter of docs/failures.md.</summary>
internal sealed record FailureGroup
{
    public required string Title { get; init; }
    public required string Intro { get; init; }

    /// <summary><c>microsoft</c>, <c>google</c> or <c>any</c>.</summary>
    public required string Provider { get; init; }
    public required FailureWhere Where { get; init; }

    /// <summary>True for the last resort, by code and stage: what they match counts as not known.</summary>
    public bool Fallback { get; init; }
    public required IReadOnlyList<FailureEntry> Entries { get; init; }
}

/// <summary>One row of failures.json. The members mean what they mean in <see cref="KnownFailure"/>.</summary>
internal sealed record FailureEntry
{
    public required string Id { get; init; }
    public required string Title { get; init; }
    public required FailureMatch Match { get; init; }
    public required string Cause { get; init; }
    public required string Remedy { get; init; }
    public required RetryClass Class { get; init; }
    public FailureScope Scope { get; set; } = FailureScope.Account;
    public RetryClass? OnRepeat { get; init; }
    public TimeSpan? Wait { get; init; }
    public bool Consent { get; init; }
    public bool Secret { get; init; }
    public bool ProbablyDelivered { get; init; }
    public required Evidence Evidence { get; init; }

    /// <summary>The page that documents it, where there is one.</summary>
    public Uri? Doc { get; init; }

    /// <summary>As the provider would send it: an SMTP reply, or <c>error: description</c>, or <c>HTTP 429</c>.</summary>
    public required string Example { get; init; }

    /// <summary>The stage of the example.</summary>
    public SmtpStage At { get; set; } = SmtpStage.Final;
}

/// <summary>What an entry applies to. Members that are absent do not matter; those present must all fit, with two
/// exceptions for what providers change: the right words fit under any enhanced code, and an enhanced code that only one entry
/// of the provider has fits with any words.</summary>
internal sealed record FailureMatch
{
    /// <summary>SMTP reply codes: <c>535</c>, or <c>4xx</c> for a whole class.</summary>
    public IReadOnlyList<string> Codes { get; set; } = [];

    /// <summary>Enhanced codes: <c>5.7.139</c>, or <c>4.7.500-4.7.699</c>.</summary>
    public IReadOnlyList<string> Enhanced { get; set; } = [];
    public IReadOnlyList<SmtpStage> Stages { get; set; } = [];

    /// <summary>A regular expression that ignores case.</summary>
    public string? Text { get; init; }

    /// <summary>Nobody else says it: the entry also fits a provider of type <c>oauth2</c> or <c>password</c>, which may be
    /// Exchange or Gmail under another name.</summary>
    public bool Unmistakable { get; init; }

    /// <summary>Values of OAuth's <c>error</c>.</summary>
    public IReadOnlyList<string> Errors { get; set; } = [];

    /// <summary>AADSTS numbers of the Microsoft identity platform.</summary>
    public IReadOnlyList<int> Aadsts { get; set; } = [];

    /// <summary>HTTP statuses of a token endpoint: <c>429</c>, or <c>5xx</c> for a whole class.</summary>
    public IReadOnlyList<string> Http { get; set; } = [];
    public NetworkFault? Fault { get; init; }
}

// Generated readers forget the default of an init-only member: members with a default have a setter.
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(IReadOnlyList<FailureGroup>))]
internal sealed partial class FailureJson : JsonSerializerContext;
