using System.Collections.Concurrent;
using Microsoft.AspNetCore.DataProtection;

namespace Postrider.Server.Console.People;

/// <summary>Between two steps the browser carries what the first one came to, sealed and for a few minutes: whose password was right, or what a
/// passkey was asked. It opens nothing by itself.</summary>
internal sealed class HalfSignIn(IDataProtectionProvider protection, TimeProvider time)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly ITimeLimitedDataProtector protector = protection.CreateProtector("Postrider.Console.HalfSignIn").ToTimeLimitedDataProtector();

    private readonly ConcurrentDictionary<string, DateTimeOffset> taken = new(StringComparer.Ordinal);

    /// <param name="step">Which step it is for: what was kept for one is nothing to another.</param>
    public void Keep(HttpContext context, string step, string what) =>
        context.Response.Cookies.Append(Name(step), protector.Protect($"{step}\n{what}", Lifetime), Options(context.Request));

    /// <returns>Null when there is nothing, or it is too old.</returns>
    public string? Read(HttpContext context, string step)
    {
        if (context.Request.Cookies[Name(step)] is not { Length: > 0 } text)
            return null;
        try
        {
            return protector.Unprotect(text) is var plain && plain.StartsWith(step + "\n", StringComparison.Ordinal) ? plain[(step.Length + 1)..] : null;
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return null;
        }
    }

    /// <summary>Like <see cref="Read"/>, once: whoever sends the same again gets nothing.</summary>
    public string? Take(HttpContext context, string step)
    {
        var what = Read(context, step);
        Forget(context, step);
        var now = time.GetUtcNow();
        foreach (var (old, _) in taken.Where(one => one.Value < now))
            taken.TryRemove(old, out _);
        return what is not null && taken.TryAdd(Token.Hash(context.Request.Cookies[Name(step)]!), now + Lifetime) ? what : null;
    }

    public static void Forget(HttpContext context, string step) => context.Response.Cookies.Delete(Name(step), Options(context.Request));

    private static string Name(string step) => "postrider-" + step;

    private static CookieOptions Options(HttpRequest request) =>
        new() { HttpOnly = true, Secure = SessionCookie.IsSecure(request), SameSite = SameSiteMode.Lax, Path = "/", IsEssential = true, MaxAge = Lifetime };
}
