using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Postrider.Simulator;

/// <summary>How a headless sign-in ended.</summary>
internal abstract record ConsentResult
{
    public sealed record Redirected(AuthorizeAnswer Answer) : ConsentResult;

    public sealed record Stopped(AadError Error) : ConsentResult;
}

/// <summary>Signs in without a browser, along the same path as the pages.</summary>
internal sealed class ConsentWalk(SimulatorState state)
{
    public ConsentResult Walk(string authorizeUrl, string account, bool accept)
    {
        if (!Uri.TryCreate(authorizeUrl, UriKind.Absolute, out var url)
            || url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries) is not [var tenant, "oauth2", "v2.0", "authorize"])
            return new ConsentResult.Stopped(AadErrors.Of(90013, "The address is not one of /{tenant}/oauth2/v2.0/authorize."));
        var flow = new AuthorizeFlow(state);
        var query = new QueryCollection(new Dictionary<string, StringValues>(QueryHelpers.ParseQuery(url.Query), StringComparer.OrdinalIgnoreCase));
        switch (flow.Begin(Uri.UnescapeDataString(tenant), query))
        {
            case AuthorizeStep.Stop(var error):
                return new ConsentResult.Stopped(error);
            case AuthorizeStep.Return(var answer):
                return new ConsentResult.Redirected(answer);
            case AuthorizeStep.Choose(var request):
                if (flow.FindAccount(request, account) is not { } person)
                    return new ConsentResult.Stopped(AadErrors.Of(50034, $"The account '{account}' cannot sign in here."));
                return new ConsentResult.Redirected(accept ? flow.Accept(request, person) : flow.Refuse(request, AadErrors.Of(65004)));
            default:
                throw new InvalidOperationException("A step that nobody wrote.");
        }
    }
}
