using System.Globalization;
using Postrider.Accounts.Providers;
using Postrider.Client;
using Postrider.Server.Api;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>Settings of a provider as texts in fields, by the names of the wire, and back. Secrets go one way only.</summary>
internal static class ProviderFormValues
{
    private const int Longest = 16 * 1024;

    /// <summary>Every member that a form may bring, but the secrets.</summary>
    private static readonly string[] Members =
    [
        "name", "displayName", "address", "port", "security", "domain", "userName", "tenant", "authority", "authorizeUrl", "tokenUrl", "deviceUrl", "clientId", "clientSecretExpiresAt", "scope", "redirectUri",
        "grant", "clientAuthentication", "federatedTokenFile", "authorizeParameters", "sharedMailbox", "enabled", "senders", "default", "failover", "readReports", "imapAddress", "imapFolder",
        "limits.connections", "limits.messagesPerMinute", "limits.recipientsPerDay", "limits.messageBytes",
    ];

    public static Dictionary<string, string> Of(ProviderSettings settings, bool enabled) => new()
    {
        ["type"] = settings.Type, ["preset"] = settings.Preset, ["name"] = settings.Name, ["displayName"] = settings.DisplayName, ["address"] = settings.Address, ["port"] = Number(settings.Port),
        ["security"] = settings.Security, ["domain"] = settings.Domain, ["userName"] = settings.UserName, ["tenant"] = settings.Tenant, ["authority"] = settings.Authority,
        ["authorizeUrl"] = settings.AuthorizeUrl, ["tokenUrl"] = settings.TokenUrl, ["deviceUrl"] = settings.DeviceUrl, ["clientId"] = settings.ClientId,
        ["clientSecretExpiresAt"] = settings.ClientSecretExpiresAt?.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "", ["scope"] = settings.Scope, ["redirectUri"] = settings.RedirectUri,
        ["grant"] = settings.Grant, ["clientAuthentication"] = settings.ClientAuthentication, ["federatedTokenFile"] = settings.FederatedTokenFile,
        ["authorizeParameters"] = string.Join('\n', settings.AuthorizeParameters.Select(pair => $"{pair.Key}={pair.Value}")), ["sharedMailbox"] = Flag(settings.SharedMailbox), ["enabled"] = Flag(enabled),
        ["senders"] = string.Join('\n', settings.Senders), ["default"] = Flag(settings.Default), ["failover"] = settings.Failover,
        ["readReports"] = Flag(settings.ReadReports), ["imapAddress"] = settings.ImapAddress, ["imapFolder"] = settings.ImapFolder,
        ["limits.connections"] = Number(settings.Limits.Connections), ["limits.messagesPerMinute"] = Number(settings.Limits.MessagesPerMinute),
        ["limits.recipientsPerDay"] = Number(settings.Limits.RecipientsPerDay), ["limits.messageBytes"] = Number(settings.Limits.MessageBytes),
    };

    /// <summary>What a form brings, over what was there: a field that the form does not have stays. Of two values of one name, as a box with
    /// its hidden twin has them, the last counts.</summary>
    public static Dictionary<string, string> Read(IFormCollection form, IReadOnlyDictionary<string, string> before)
    {
        var values = new Dictionary<string, string>(before);
        foreach (var member in Members)
            if (form[member] is { Count: > 0 } given && given[^1] is { Length: <= Longest } value)
                values[member] = value.Trim();
        return values;
    }

    /// <returns>Settings made of the texts, with the secrets of the form, and what could not be read.</returns>
    public static (ProviderDraft Draft, IReadOnlyList<FieldNote> Unreadable) ToDraft(IReadOnlyDictionary<string, string> values, IFormCollection? form)
    {
        var wrong = new List<FieldNote>();
        string Text(string member) => values.GetValueOrDefault(member, "");
        long? Whole(string member, string example)
        {
            var text = Text(member);
            if (text.Length == 0)
                return null;
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= (member == "limits.messageBytes" ? long.MaxValue : int.MaxValue))
                return number;
            wrong.Add(new(member, $"Write a whole number, for example {example}."));
            return null;
        }
        var parameters = new Dictionary<string, string>();
        foreach (var line in Lines(Text("authorizeParameters")))
            if (line.Split('=', 2) is [var name, var value] && parameters.TryAdd(name.Trim(), value.Trim()))
                continue;
            else
                wrong.Add(new("authorizeParameters", $"Write name=value, each name once: \"{(line.Length > 60 ? line[..60] : line)}\"."));
        DateTimeOffset? ends = null;
        if (Text("clientSecretExpiresAt") is { Length: > 0 } day)
            if (DateTimeOffset.TryParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
                ends = date;
            else
                wrong.Add(new("clientSecretExpiresAt", "Write a date like 2027-03-31."));
        var input = new ProviderInput
        {
            Name = Text("name"), DisplayName = Text("displayName"), Type = Text("type"), Preset = Text("preset"), Address = Text("address"), Port = (int?)Whole("port", "587"), Security = Text("security"),
            Domain = Text("domain"), UserName = Text("userName"), Tenant = Text("tenant"), Authority = Text("authority"), AuthorizeUrl = Text("authorizeUrl"), TokenUrl = Text("tokenUrl"),
            DeviceUrl = Text("deviceUrl"), ClientId = Text("clientId"), Scope = Text("scope"), RedirectUri = Text("redirectUri"), Grant = Text("grant"), ClientAuthentication = Text("clientAuthentication"),
            FederatedTokenFile = Text("clientAuthentication") == ClientAuthentication.Federated ? Text("federatedTokenFile") : "", AuthorizeParameters = parameters,
            SharedMailbox = Text("sharedMailbox") == "true", Enabled = Text("enabled") == "true", Senders = [.. Lines(Text("senders").Replace(',', '\n'))], Default = Text("default") == "true", Failover = Text("failover"),
            ReadReports = Text("readReports") == "true", ImapAddress = Text("imapAddress"), ImapFolder = Text("imapFolder"),
            Limits = new()
            {
                Connections = (int?)Whole("limits.connections", "3"), MessagesPerMinute = (int?)Whole("limits.messagesPerMinute", "25"),
                RecipientsPerDay = (int?)Whole("limits.recipientsPerDay", "10000"), MessageBytes = Whole("limits.messageBytes", "36700160"),
            },
        };
        return (ProviderWire.Draft(input, null, ends) with
        {
            ClientSecret = Secret(form, UnfinishedProviders.ClientSecret), RefreshToken = Secret(form, UnfinishedProviders.RefreshToken),
            Password = Secret(form, UnfinishedProviders.Password), ServiceAccountKey = Secret(form, UnfinishedProviders.ServiceAccountKey),
        }, wrong);
    }

    /// <summary>An empty field leaves the secret; a tick removes it.</summary>
    private static SecretChange Secret(IFormCollection? form, string member) =>
        form?[member].ToString() is { } typed && typed.Trim().Length > 0 ? SecretChange.To(typed) : form?[$"remove.{member}"].ToString() == "true" ? SecretChange.Remove : SecretChange.Keep;

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
    private static string Flag(bool on) => on ? "true" : "false";
}
