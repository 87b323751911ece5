using System.Text.RegularExpressions;

namespace Postrider.Server.Console.Figures;

/// <summary>Reasons that are told of many messages at once.</summary>
internal static partial class Reasons
{
    /// <summary>What was said of one address, said of any.</summary>
    public static string WithoutAddresses(string reason) => Address().Replace(reason, match => match.Index == 0 ? "The address" : "the address");

    [GeneratedRegex(@"[^\s<>""'(),;:]+@[^\s<>""'(),;:]*[^\s<>""'(),;:.]")]
    private static partial Regex Address();
}
