using System.Text.RegularExpressions;

namespace Postrider.Server.Api;

/// <summary>What clients, keys and webhooks may be called: names that need no quoting in a command or an address.</summary>
internal static partial class Naming
{
    public static bool IsGood(string name) => Form().IsMatch(name);

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\z")]
    private static partial Regex Form();
}
