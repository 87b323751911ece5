using Postrider.Server.Console.Languages;

namespace Postrider.Server.Console.ProviderSetup;

internal enum FieldKind
{
    Text,
    Number,
    Date,
    Secret,

    /// <summary>Several lines.</summary>
    Area,
    SecretArea,
    Select,
    Check,
}

/// <summary>A field of the form: what it is, where its value is found, and what it looks like.</summary>
/// <param name="Member">The name on the wire.</param>
internal sealed record ProviderField(string Member, Phrase Label, FieldKind Kind, Phrase? Help, string Example = "")
{
    public bool Optional { get; init; }

    /// <summary>Another choice shows other fields.</summary>
    public bool Shapes { get; init; }
    public IReadOnlyList<(string Value, Phrase Text)> Choices { get; init; } = [];

    /// <summary>Where the value is found.</summary>
    public string Link { get; init; } = "";
    public Phrase? LinkText { get; init; }

    /// <summary>The name as an id of HTML.</summary>
    public string Id => Member.Replace('.', '-');

    public bool IsSecret => Kind is FieldKind.Secret or FieldKind.SecretArea;
    public bool IsWide => Kind is FieldKind.Area or FieldKind.SecretArea;
}

/// <summary>Fields that belong together.</summary>
/// <param name="Folded">Most people leave them as they are.</param>
internal sealed record FieldGroup(Phrase Title, IReadOnlyList<ProviderField> Fields, bool Folded = false);
