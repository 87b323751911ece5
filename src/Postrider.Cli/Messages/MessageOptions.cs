using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>Which messages are meant.</summary>
internal static class MessageOptions
{
    private static readonly Option<string?> State = Text("--state", "state", "queued, sending, held, sent, delivered, delayed, bounced, failed or cancelled.");
    private static readonly Option<string?> Provider = Text("--provider", "name", "Sent through this provider.");
    private static readonly Option<string?> Client = Text("--client", "name", "Handed in by this client.");
    private static readonly Option<string?> From = Text("--from", "address", "The sender.");
    private static readonly Option<string?> To = Text("--to", "address", "Any recipient.");
    private static readonly Option<string?> Since = Text("--since", "moment", "Accepted then or later: 2026-05-01, 2026-05-01T08:30, 2h.");
    private static readonly Option<string?> Until = Text("--until", "moment", "Accepted before then.");
    private static readonly Option<string?> Query = Text("--query", "words", "Words in the subject or an address.");

    public static Verb AddTo(Verb verb)
    {
        foreach (var option in new[] { State, Provider, Client, From, To, Since, Until, Query })
            verb.Add(option);
        return verb;
    }

    public static MessageFilter Read(Call call) => new()
    {
        State = call.Get(State),
        Provider = call.Get(Provider),
        Client = call.Get(Client),
        From = call.Get(From),
        To = call.Get(To),
        Since = Moments.Past(Since.Name, call.Get(Since), call.Terminal.Time),
        Until = Moments.Past(Until.Name, call.Get(Until), call.Terminal.Time),
        Query = call.Get(Query),
    };

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}
