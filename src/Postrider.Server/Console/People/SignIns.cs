using Postrider.Server.Console.Auditing;

namespace Postrider.Server.Console.People;

/// <summary>Where every way to sign in ends: a new session, whatever the browser brought along.</summary>
internal sealed class SignIns(PeopleDirectory people, Sessions sessions)
{
    /// <param name="way">What the person has signed in with, such as <c>password</c>.</param>
    public async Task BeginAsync(HttpContext context, Person person, string way, CancellationToken cancellation)
    {
        if (SessionCookie.Read(context.Request) is { } old && await sessions.FindAsync(old, cancellation) is { } before)
            await sessions.EndAsync(before.Id, cancellation);
        await people.UnlockAsync(person.Id, cancellation);
        SessionCookie.Set(context, await sessions.BeginAsync(person, way, Address(context), context.Request.Headers.UserAgent.ToString(), cancellation));
        context.Note("signed in", person.Name, way, actor: person.Name);
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
