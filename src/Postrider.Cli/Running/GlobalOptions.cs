using System.CommandLine;

namespace Postrider.Cli;

/// <summary>Options that every verb has.</summary>
internal static class GlobalOptions
{
    /// <summary>May stand twice at <c>provider connect</c>, where one of them is the address that the browser landed on.</summary>
    public static Option<string[]> Url { get; } = new("--url")
    {
        Description = "The server's address, or POSTRIDER_URL.", HelpName = "url", Recursive = true, Arity = new ArgumentArity(1, 2),
    };

    public static Option<string?> Key { get; } = new("--key")
    {
        Description = "An API key, or POSTRIDER_KEY.", HelpName = "key", Recursive = true,
    };

    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "The data directory, or POSTRIDER_DATA; else ./postrider-data or /var/lib/postrider.",
        HelpName = "dir", Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Print what the server answers, as JSON.", Recursive = true,
    };

    public static void AddTo(Command root)
    {
        foreach (var option in new Option[] { Url, Key, Data, Json })
            root.Add(option);
    }
}
