namespace Postrider.Simulator;

/// <summary>Everything that can be set. With PUT, sections that are missing stay as they are, sections that are there are
/// taken whole; lists replace.</summary>
internal sealed record ControlState
{
    public IdentitySettings? Identity { get; init; }

    public SmtpSettings? Smtp { get; init; }

    public TokenEndpointFault? TokenEndpoint { get; init; }

    public IReadOnlyList<SmtpFault>? SmtpFaults { get; init; }

    public IReadOnlyList<Tenant>? Tenants { get; init; }

    public IReadOnlyList<Application>? Applications { get; init; }

    public IReadOnlyList<Account>? Accounts { get; init; }

    public static ControlState Of(SimulatorState state) => new()
    {
        Identity = state.Identity,
        Smtp = state.Smtp,
        TokenEndpoint = state.IdentityFaults.TokenEndpoint,
        SmtpFaults = state.SmtpFaults.All,
        Tenants = [.. state.Directory.Tenants],
        Applications = [.. state.Directory.Applications],
        Accounts = [.. state.Directory.Accounts],
    };

    public void ApplyTo(SimulatorState state)
    {
        state.Identity = Identity ?? state.Identity;
        state.Smtp = Smtp ?? state.Smtp;
        if (TokenEndpoint is not null)
            state.IdentityFaults.TokenEndpoint = TokenEndpoint;
        if (SmtpFaults is not null)
        {
            state.SmtpFaults.Clear();
            foreach (var fault in SmtpFaults)
                state.SmtpFaults.Add(fault);
        }
        Replace(Tenants, state.Directory.Tenants, t => state.Directory.RemoveTenant(t.Id), state.Directory.Add);
        Replace(Applications, state.Directory.Applications, a => state.Directory.RemoveApplication(a.ClientId), state.Directory.Add);
        Replace(Accounts, state.Directory.Accounts, a => state.Directory.RemoveAccount(a.Address), state.Directory.Add);
    }

    private static void Replace<T>(IReadOnlyList<T>? wanted, IReadOnlyCollection<T> existing, Func<T, bool> remove, Action<T> add)
    {
        if (wanted is null)
            return;
        foreach (var item in existing)
            remove(item);
        foreach (var item in wanted)
            add(item);
    }
}

internal sealed record RevokeRequest(string Account, int Code = 50173);

internal sealed record ConsentRequest(string AuthorizeUrl, string Account, string Decision = "accept");

internal sealed record DeviceRequest(string UserCode, string Account, string Decision = "accept");
