using Microsoft.AspNetCore.Diagnostics;
using Postrider.Storage;

namespace Postrider.Server.Api;

/// <summary>Answers requests while the database does not.</summary>
internal sealed class WithoutDatabase : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        if (exception is not StorageUnavailableException)
            return false;
        await Problems.Unavailable("The database does not answer.", "Try again in a moment. Whether a change was made shows when it answers again.").ExecuteAsync(context);
        return true;
    }
}

/// <summary>Answers requests whose body the server stopped reading: too long, too slow, or not what HTTP allows.</summary>
internal sealed class UnreadableRequests : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellation)
    {
        if (exception is not BadHttpRequestException unreadable)
            return false;
        var problem = unreadable.StatusCode == StatusCodes.Status413PayloadTooLarge
            ? Problems.TooLarge("The body of the request is longer than the largest message can be.")
            : Problems.BadRequest("The body of the request could not be read to its end.", "Send it again; check the length and the connection.");
        await problem.ExecuteAsync(context);
        return true;
    }
}
