using System.Diagnostics;
using System.Text;

namespace Postrider.Cli;

/// <summary>What a command has around it: the process' own streams and clock, or those of a test.</summary>
internal sealed record Terminal
{
    public required TextWriter Out { get; init; }
    public required TextWriter Error { get; init; }

    /// <summary>Standard input as bytes; a message must not pass through a text decoder.</summary>
    public required Stream In { get; init; }

    public bool OutIsTerminal { get; init; }
    public bool InIsTerminal { get; init; }

    /// <summary>Whether Ctrl-C and SIGTERM of the process end the command.</summary>
    public bool HearsSignals { get; init; }

    public required Func<string, string?> Environment { get; init; }
    public required string WorkingDirectory { get; init; }
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Time between two looks at something that is awaited.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Opens a web page; false when there is nothing to open it with.</summary>
    public Func<Uri, bool> OpenBrowser { get; init; } = _ => false;

    /// <summary>An environment variable that has a value.</summary>
    public string? Variable(string name) => Environment(name) is { Length: > 0 } value ? value : null;

    public static Terminal OfThisProcess()
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new Terminal
        {
            Out = Console.Out,
            Error = Console.Error,
            In = Console.OpenStandardInput(),
            OutIsTerminal = !Console.IsOutputRedirected,
            InIsTerminal = !Console.IsInputRedirected,
            HearsSignals = true,
            Environment = System.Environment.GetEnvironmentVariable,
            WorkingDirectory = Directory.GetCurrentDirectory(),
            OpenBrowser = OpenInBrowser,
        };
    }

    private static bool OpenInBrowser(Uri page)
    {
        if (page.Scheme is not ("http" or "https"))
            return false;
        try
        {
            if (OperatingSystem.IsWindows())
                return Process.Start(new ProcessStartInfo(page.AbsoluteUri) { UseShellExecute = true }) is not null;
            if (OperatingSystem.IsMacOS())
                return Process.Start(Quiet("open", page)) is not null;
            return HasDisplay() && Process.Start(Quiet("xdg-open", page)) is not null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static bool HasDisplay() =>
        System.Environment.GetEnvironmentVariable("DISPLAY") is { Length: > 0 }
        || System.Environment.GetEnvironmentVariable("WAYLAND_DISPLAY") is { Length: > 0 };

    // What a browser prints must not mix with what the command prints.
    private static ProcessStartInfo Quiet(string program, Uri page) =>
        new(program, [page.AbsoluteUri]) { RedirectStandardOutput = true, RedirectStandardError = true };
}
