using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;
using static Postrider.Server.Console.Languages.Speech;

namespace Postrider.Server.Console;

/// <summary>The one place that decides whether a person may see a page or do what it offers. A page says what looking at it needs, an
/// act what doing it needs; an act that says nothing is for owners. What is dangerous needs a proof of a few minutes ago as well.</summary>
internal sealed class RoleGate : IAsyncPageFilter
{
    /// <summary>A proof counts for so long; and what a page that asked for one was opened for may be typed and sent until later, so that nothing
    /// that was typed is lost to the question.</summary>
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10), Sending = TimeSpan.FromMinutes(40);

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var anonymous = context.ActionDescriptor.EndpointMetadata.Any(one => one is Microsoft.AspNetCore.Authorization.IAllowAnonymous);
        var (right, proof) = Needed(context);
        if (!anonymous && !context.HttpContext.User.May(right))
            context.Result = ConsoleErrors.Page(context.HttpContext, StatusCodes.Status403Forbidden, T["Your role does not allow this"],
                T[$"You are signed in as {context.HttpContext.User.Identity?.Name}. Ask an owner of this installation to do it, or to change your role."]);
        else if (!anonymous && proof is { } age && !HasProved(context.HttpContext, age))
            context.Result = AskToProve(context.HttpContext);
        else
            await next();
    }

    private static (Right Right, TimeSpan? Proof) Needed(PageHandlerExecutingContext context)
    {
        var page = context.ActionDescriptor.ModelTypeInfo?.GetCustomAttribute<NeedsAttribute>();
        var look = page?.Right ?? Right.Look;
        if (context.HandlerMethod is null)
            return (look, page?.Proven == true ? Fresh : null);
        var act = context.HandlerMethod.MethodInfo.GetCustomAttribute<NeedsAttribute>();
        var looks = HttpMethods.IsGet(context.HandlerMethod.HttpMethod);
        var own = act?.Right ?? (looks ? look : Right.Own);
        // Who may not see a page does nothing on it either.
        return (own > look ? own : look, page?.Proven == true && !looks ? Sending : page?.Proven == true || act?.Proven == true ? Fresh : null);
    }

    private static bool HasProved(HttpContext context, TimeSpan age) =>
        long.TryParse(context.User.FindFirst(ConsoleAuthentication.ProvedClaim)?.Value, out var proved)
        && context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(proved) < age;

    /// <summary>What was typed is not kept: it may be a secret. The person comes back to the page and does it again.</summary>
    private static LocalRedirectResult AskToProve(HttpContext context)
    {
        context.NoteNothing();
        var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.QueryString : context.Request.QueryString.RemoveHandler();
        return new($"~/prove?next={Uri.EscapeDataString(context.Request.Path + back)}");
    }
}
