using System.Reflection;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Filters;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console;

/// <summary>The one place that decides whether a person may see a page or do what it offers. A page says what looking at it needs, an
/// act what doing it needs; an act that says nothing is for owners. What is dangerous needs a proof of a few minutes ago as well.</summary>
internal sealed class RoleGate : IAsyncPageFilter
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);

    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var anonymous = context.ActionDescriptor.EndpointMetadata.Any(one => one is Microsoft.AspNetCore.Authorization.IAllowAnonymous);
        var (right, proven) = Needed(context);
        if (!anonymous && !context.HttpContext.User.May(right))
            context.Result = ConsoleErrors.Page(context.HttpContext, StatusCodes.Status403Forbidden, "Your role does not allow this",
                $"You are signed in as {context.HttpContext.User.Identity?.Name}. Ask an owner of this installation to do it, or to change your role.");
        else if (!anonymous && proven && !HasProved(context.HttpContext))
            context.Result = AskToProve(context.HttpContext);
        else
            await next();
    }

    private static (Right Right, bool Proven) Needed(PageHandlerExecutingContext context)
    {
        var page = context.ActionDescriptor.ModelTypeInfo?.GetCustomAttribute<NeedsAttribute>();
        var look = page?.Right ?? Right.Look;
        if (context.HandlerMethod is null)
            return (look, page?.Proven == true);
        var act = context.HandlerMethod.MethodInfo.GetCustomAttribute<NeedsAttribute>();
        var own = act?.Right ?? (HttpMethods.IsGet(context.HandlerMethod.HttpMethod) ? look : Right.Own);
        // Who may not see a page does nothing on it either.
        return (own > look ? own : look, page?.Proven == true || act?.Proven == true);
    }

    private static bool HasProved(HttpContext context) =>
        long.TryParse(context.User.FindFirst(ConsoleAuthentication.ProvedClaim)?.Value, out var proved)
        && context.RequestServices.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(proved) < Fresh;

    /// <summary>What was typed is not kept: it may be a secret. The person comes back to the page and does it again.</summary>
    private static LocalRedirectResult AskToProve(HttpContext context)
    {
        context.NoteNothing();
        var back = HttpMethods.IsGet(context.Request.Method) ? context.Request.QueryString : context.Request.QueryString.RemoveHandler();
        return new($"~/prove?next={Uri.EscapeDataString(context.Request.Path + back)}");
    }
}
