using Postrider.Accounts.Providers;
using Postrider.Server.Console.Ui;

namespace Postrider.Server.Console.ProviderSetup;

/// <summary>The form of a provider as a page shows it, in the wizard and afterwards.</summary>
/// <param name="Settings">Filled from the preset: which fields there are.</param>
/// <param name="Values">The fields' texts.</param>
/// <param name="Secrets">Names of the secrets that are stored.</param>
/// <param name="Errors">What keeps it from being saved.</param>
/// <param name="Warnings">What is taken and will probably not work.</param>
/// <param name="Action">The page's path: it has the handlers Check and Shape.</param>
internal sealed record ProviderForm(ProviderSettings Settings, IReadOnlyDictionary<string, string> Values, IReadOnlySet<string> Secrets,
    IReadOnlyList<FieldNote> Errors, IReadOnlyList<FieldNote> Warnings, IReadOnlyList<FieldGroup> Groups, string Action)
{
    /// <summary>The provider's version that the form was made from, so that nobody writes over another's change; null for a new one.</summary>
    public long? Version { get; init; }

    /// <summary>Members whose right value depends on others': they are judged together.</summary>
    private static readonly string[][] Together = [["port", "security", "address"], ["clientSecret", "clientAuthentication"], ["scope", "grant"], ["authority", "authorizeUrl", "tokenUrl"]];

    public string? ErrorOf(string member) => Shown(Errors.FirstOrDefault(note => note.Member == member || (note.Member == "limits" && member == "limits.connections")));

    public string? WarningOf(string member) => Shown(Warnings.FirstOrDefault(note => note.Member == member));

    private static string? Shown(FieldNote? note) => note is null ? null : Words.OnScreen(note.Message);

    public bool Is(string member, string value) => Values.GetValueOrDefault(member, "") == value;

    /// <summary>A group that is folded is open where something in it is wrong.</summary>
    public bool IsOpen(FieldGroup group) => !group.Folded || group.Fields.Any(field => ErrorOf(field.Member) is not null);

    /// <summary>The fields in which something is wrong.</summary>
    public IEnumerable<(ProviderField Field, string Message)> Wrong => Groups.SelectMany(group => group.Fields).Select(one => (one, ErrorOf(one.Member))).Where(one => one.Item2 is not null).Select(one => (one.one, one.Item2!));

    /// <summary>Errors of members that no field shows.</summary>
    public IEnumerable<FieldNote> Elsewhere => Errors.Where(error => !Groups.SelectMany(group => group.Fields).Any(one => one.Member == error.Member || (error.Member == "limits" && one.Member == "limits.connections")));

    public ProviderField? Field(string member) => Groups.SelectMany(group => group.Fields).FirstOrDefault(field => field.Member == member);

    /// <summary>The other fields that what was typed in one concerns, as far as something stands in them.</summary>
    public IEnumerable<ProviderField> Beside(string member) => Together.Where(members => members.Contains(member)).SelectMany(members => members)
        .Where(other => other != member && Values.GetValueOrDefault(other, "").Length > 0).Distinct().Select(Field).OfType<ProviderField>();
}

/// <param name="Button">What its button says.</param>
internal sealed record ProviderFormView(ProviderForm Form, string Button);

internal sealed record ProviderFieldView(ProviderForm Form, ProviderField Field);
