using System.CommandLine;

namespace Postrider.Cli;

/// <summary>The whole command. It carries the terminal, so that actions reach it without statics.</summary>
internal sealed class PostriderCommand(Terminal terminal)
    : RootCommand("Send an organisation's mail through the mailboxes it already has, with OAuth.")
{
    public Terminal Terminal { get; } = terminal;
}

/// <summary>A command with examples in its help and an action that gets a <see cref="Call"/>.</summary>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Complete command lines without the leading <c>postrider</c>.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    public Verb Does(Func<Call, Task<int>> act)
    {
        SetAction((parsed, cancellation) =>
            act(new Call(parsed, ((PostriderCommand)parsed.RootCommandResult.Command).Terminal, cancellation)));
        return this;
    }

    /// <summary>For acts that either succeed or throw.</summary>
    public Verb Does(Func<Call, Task> act) => Does(async call =>
    {
        await act(call);
        return CommandLine.Done;
    });
}
