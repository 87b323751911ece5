using System.Text.Json.Serialization;

namespace Postrider.Simulator;

/// <summary>Ways in which the token endpoint can fail before it looks at the request.</summary>
public enum TokenEndpointMode
{
    Normal,

    /// <summary>The connection is aborted without an answer.</summary>
    Down,

    /// <summary>Answers after <see cref="TokenEndpointFault.Milliseconds"/>.</summary>
    Slow,

    /// <summary>Answers 503 with an HTML page, as a load balancer does.</summary>
    [JsonStringEnumMemberName("500")]
    Error500,

    /// <summary>Answers 429, with <c>Retry-After</c> when <see cref="TokenEndpointFault.RetryAfter"/> is set.</summary>
    [JsonStringEnumMemberName("429")]
    Throttled429,

    /// <summary>Answers 200 with an HTML page, as a captive portal does.</summary>
    Html,

    /// <summary>Never answers.</summary>
    Hang,
}

/// <summary>A fault of the token endpoint, for so many requests or until it is changed.</summary>
/// <param name="Times">0 means until changed.</param>
/// <param name="RetryAfter">The header as it is sent: seconds or an HTTP date.</param>
public sealed record TokenEndpointFault(TokenEndpointMode Mode, int Milliseconds = 0, string? RetryAfter = null, int Times = 0);

/// <summary>An AADSTS answer to be given to the next requests.</summary>
/// <param name="Code">Such as 50173; the table of <see cref="AadErrors"/> gives the OAuth error and the text.</param>
/// <param name="Endpoint"><c>token</c>, <c>authorize</c> or <c>devicecode</c>.</param>
/// <param name="GrantType">Only for this grant type, when set.</param>
/// <param name="Error">Another platform's answer, word for word; the code is 0 then.</param>
public sealed record NextError(int Code, int Times = 1, string Endpoint = "token", string? GrantType = null, string? Error = null, string? Description = null);

/// <summary>What the identity platform does wrong on demand.</summary>
public sealed class IdentityFaults
{
    private readonly Lock _lock = new();
    private readonly List<(NextError Error, int Left)> _errors = [];
    private TokenEndpointFault _fault = new(TokenEndpointMode.Normal);
    private int _faultLeft;

    public TokenEndpointFault TokenEndpoint
    {
        get
        {
            lock (_lock)
                return _fault;
        }
        set
        {
            lock (_lock)
                (_fault, _faultLeft) = (value, value.Times);
        }
    }

    public void Add(NextError error)
    {
        lock (_lock)
            _errors.Add((error, Math.Max(1, error.Times)));
    }

    public void Clear()
    {
        lock (_lock)
        {
            _errors.Clear();
            _fault = new TokenEndpointFault(TokenEndpointMode.Normal);
        }
    }

    internal TokenEndpointFault TakeFault()
    {
        lock (_lock)
        {
            var fault = _fault;
            if (fault.Mode != TokenEndpointMode.Normal && fault.Times > 0 && --_faultLeft == 0)
                _fault = new TokenEndpointFault(TokenEndpointMode.Normal);
            return fault;
        }
    }

    internal AadError? TakeError(string endpoint, string? grantType = null)
    {
        lock (_lock)
        {
            var at = _errors.FindIndex(e => e.Error.Endpoint == endpoint && (e.Error.GrantType is null || e.Error.GrantType == grantType));
            if (at < 0)
                return null;
            var (error, left) = _errors[at];
            if (left > 1)
                _errors[at] = (error, left - 1);
            else
                _errors.RemoveAt(at);
            return error.Error is { } given ? new AadError(given, 0, error.Description ?? "") : AadErrors.Of(error.Code);
        }
    }
}
