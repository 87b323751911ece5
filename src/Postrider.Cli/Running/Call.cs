using System.CommandLine;
using Postrider.Client;

namespace Postrider.Cli;

/// <summary>One run of one verb: what was asked, where to answer, and the way to the server.</summary>
internal sealed class Call(ParseResult parsed, Terminal terminal, CancellationToken cancellation)
{
    private Output? output;

    public Terminal Terminal => terminal;
    public CancellationToken Cancellation => cancellation;
    public bool Json => parsed.GetValue(GlobalOptions.Json);
    public Output Output => output ??= new Output(terminal, Json);

    public T? Get<T>(Option<T> option) => parsed.GetValue(option);
    public T Get<T>(Argument<T> argument) => parsed.GetValue(argument)!;
    public bool Has(Option option) => parsed.GetResult(option) is { Implicit: false };

    /// <summary>Asks the server; what a person can mend about not reaching it comes as a <see cref="FailedException"/>.</summary>
    public async Task<T> AskAsync<T>(Func<PostriderClient, Task<T>> ask)
    {
        var server = ServerAddress.Find(this);
        using var http = new HttpClient();
        try
        {
            return await ask(PostriderClient.For(http, server.Url, server.Key));
        }
        catch (HttpRequestException problem)
        {
            throw new FailedException(server.NotReached(problem));
        }
        catch (TaskCanceledException problem) when (problem.InnerException is TimeoutException)
        {
            throw new FailedException(server.TooSlow(http.Timeout));
        }
        catch (PostriderException problem) when (problem.Problem.Status == 401)
        {
            throw new PostriderException(problem.Problem with
            {
                Detail = $"{server.Url} refused the key from {server.KeySource}.",
                Remedy = problem.Problem.Remedy ?? "Give another with --key or POSTRIDER_KEY; 'postrider key add' makes one.",
            });
        }
    }

    public Task AskAsync(Func<PostriderClient, Task> ask) => AskAsync(async client =>
    {
        await ask(client);
        return true;
    });
}
