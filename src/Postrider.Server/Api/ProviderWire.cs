using Postrider.Accounts.Consent;
using Postrider.Accounts.Providers;
using Postrider.Client;

namespace Postrider.Server.Api;

/// <summary>Providers between the wire and the program. On the wire a text that is not set is null.</summary>
internal static class ProviderWire
{
    public static ProviderView View(Provider provider, IEnumerable<FieldNote> warnings) => new()
    {
        Id = provider.Id, Name = provider.Name, DisplayName = provider.DisplayName, Type = provider.Type, Preset = provider.Preset,
        Address = provider.Address, Port = provider.Port, Security = provider.Security, Domain = Text(provider.Domain),
        UserName = Text(provider.UserName), Tenant = Text(provider.Tenant), Authority = Text(provider.Authority),
        AuthorizeUrl = Text(provider.AuthorizeUrl), TokenUrl = Text(provider.TokenUrl), DeviceUrl = Text(provider.DeviceUrl),
        ClientId = Text(provider.ClientId), ClientSecretSet = provider.HasClientSecret, ClientSecretExpiresAt = provider.ClientSecretExpiresAt,
        Scope = Text(provider.Scope), RedirectUri = Text(provider.RedirectUri), RefreshTokenSet = provider.HasRefreshToken,
        PasswordSet = provider.HasPassword, Grant = Text(provider.Grant), SharedMailbox = provider.SharedMailbox,
        ServiceAccountKeySet = provider.HasServiceAccountKey, ServiceAccount = Text(provider.ServiceAccount), ClientAuthentication = Text(provider.ClientAuthentication),
        FederatedTokenFile = Text(provider.FederatedTokenFile), AuthorizeParameters = provider.AuthorizeParameters, ClientCertificateSet = provider.HasClientCertificate,
        ClientCertificateExpiresAt = provider.ClientCertificateExpiresAt, SignedInAs = Text(provider.SignedInAs), WorkingScope = Text(provider.WorkingScope), Enabled = provider.Enabled,
        Paused = provider.Paused, Limits = Limits(provider.Limits), Senders = provider.Senders,
        Default = provider.Default, Failover = Text(provider.Failover), ReadReports = provider.ReadReports, ImapAddress = Text(provider.ImapAddress), ImapFolder = Text(provider.ImapFolder), State = State(provider.State), StateReason = provider.StateReason,
        Remedy = provider.Remedy, StateSince = provider.StateSince, ProbeAt = provider.ProbeAt, Version = provider.Version,
        Warnings = [.. warnings.Select(note => new ProviderNote { Member = note.Member, Message = note.Message })],
    };

    public static ProviderPresetView View(ProviderPreset preset, string redirectUri) => new()
    {
        Name = preset.Name, Type = preset.Type, Title = preset.Title, Documentation = preset.Documentation, Portal = Text(preset.Portal),
        Address = Text(preset.Address), Port = preset.Port, Security = Text(preset.Security), Tenant = Text(preset.Tenant),
        Authority = Text(preset.Authority), AuthorizeUrl = Text(preset.AuthorizeUrl), TokenUrl = Text(preset.TokenUrl),
        DeviceUrl = Text(preset.DeviceUrl), Scope = Text(preset.Scope), Grant = Text(preset.Grant),
        RedirectUri = preset.Grant == ProviderGrant.AuthorizationCode ? redirectUri : null, Limits = Limits(preset.Limits), Quirks = preset.Quirks,
    };

    /// <summary>The settings as somebody would write them, without secrets.</summary>
    public static ProviderInput Input(ProviderSettings provider) => new()
    {
        Name = provider.Name, DisplayName = provider.DisplayName, Type = provider.Type, Preset = provider.Preset, Address = provider.Address,
        Port = provider.Port, Security = provider.Security, Domain = provider.Domain, UserName = provider.UserName, Tenant = provider.Tenant,
        Authority = provider.Authority, AuthorizeUrl = provider.AuthorizeUrl, TokenUrl = provider.TokenUrl, DeviceUrl = provider.DeviceUrl,
        ClientId = provider.ClientId, ClientSecretExpiresAt = provider.ClientSecretExpiresAt?.ToString("o"), Scope = provider.Scope,
        RedirectUri = provider.RedirectUri, Grant = provider.Grant, SharedMailbox = provider.SharedMailbox, Limits = provider.Limits == ProviderCatalog.NoLimitsGiven ? null : Limits(provider.Limits),
        Senders = provider.Senders, Default = provider.Default, Failover = provider.Failover, ReadReports = provider.ReadReports, ImapAddress = provider.ImapAddress, ImapFolder = provider.ImapFolder, ClientAuthentication = provider.ClientAuthentication,
        FederatedTokenFile = provider.FederatedTokenFile, AuthorizeParameters = provider.AuthorizeParameters,
    };

    public static ProviderDraft Draft(ProviderInput input, string? name, DateTimeOffset? secretExpiresAt) => new()
    {
        Name = Given(input.Name, name), DisplayName = Given(input.DisplayName), Type = Given(input.Type), Preset = Given(input.Preset),
        Address = Given(input.Address), Port = input.Port ?? 0, Security = Given(input.Security), Domain = Given(input.Domain),
        UserName = Given(input.UserName), Tenant = Given(input.Tenant), Authority = Given(input.Authority), AuthorizeUrl = Given(input.AuthorizeUrl),
        TokenUrl = Given(input.TokenUrl), DeviceUrl = Given(input.DeviceUrl), ClientId = Given(input.ClientId),
        ClientSecretExpiresAt = secretExpiresAt, Scope = Given(input.Scope), RedirectUri = Given(input.RedirectUri), Grant = Given(input.Grant),
        ClientAuthentication = Given(input.ClientAuthentication), FederatedTokenFile = Given(input.FederatedTokenFile),
        AuthorizeParameters = input.AuthorizeParameters ?? new Dictionary<string, string>(),
        SharedMailbox = input.SharedMailbox ?? false, Senders = [.. (input.Senders ?? []).Select(sender => sender.Trim().ToLowerInvariant())],
        Default = input.Default ?? false, Failover = Given(input.Failover), ReadReports = input.ReadReports ?? false, ImapAddress = Given(input.ImapAddress), ImapFolder = Given(input.ImapFolder), Enabled = input.Enabled,
        Limits = new(input.Limits?.Connections ?? -1, input.Limits?.MessagesPerMinute ?? -1, input.Limits?.RecipientsPerDay ?? -1, input.Limits?.MessageBytes ?? -1),
    };

    public static ProviderDevice View(DeviceSignIn signIn) => new()
    {
        UserCode = signIn.UserCode, VerificationUri = signIn.VerificationUri, VerificationUriComplete = signIn.VerificationUriComplete, ExpiresAt = signIn.ExpiresAt,
        State = signIn.State, Account = signIn.Account, Cause = signIn.Why?.Cause, Remedy = signIn.Why?.Remedy, Verbatim = signIn.Why?.Verbatim,
    };

    public static ProviderCertificate View(ClientCertificate certificate) => new()
    {
        State = certificate.State, Thumbprint = certificate.Thumbprint, NotBefore = certificate.NotBefore, NotAfter = certificate.NotAfter, Certificate = certificate.Pem,
    };

    /// <summary>The state's name in the contract.</summary>
    public static string State(ProviderState state) => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(state.ToString());

    private static ProviderLimits Limits(SendingLimits limits) => new()
    {
        Connections = limits.Connections, MessagesPerMinute = limits.MessagesPerMinute, RecipientsPerDay = limits.RecipientsPerDay, MessageBytes = limits.MessageBytes,
    };

    private static string? Text(string text) => text.Length > 0 ? text : null;
    private static string Given(string? text, string? otherwise = null) => text?.Trim() is { Length: > 0 } given ? given : otherwise ?? "";
}
