using System.Reflection;
using Microsoft.AspNetCore.Mvc.Filters;
using Postrider.Server.Console.People;

namespace Postrider.Server.Console;

/// <summary>The one place that decides whether a person may see a page or do what it offers. A page says what looking at it needs, an
/// act what doing it needs; an act that says nothing is for owners.</summary>
internal sealed class RoleGate : IAsyncPageFilter
{
    public Task OnPageHandlerSelectionAsync(PageHandlerSelectedContext context) => Task.CompletedTask;

    public async Task OnPageHandlerExecutionAsync(PageHandlerExecutingContext context, PageHandlerExecutionDelegate next)
    {
        var anonymous = context.ActionDescriptor.EndpointMetadata.Any(one => one is Microsoft.AspNetCore.Authorization.IAllowAnonymous);
        if (!anonymous && !context.HttpContext.User.May(Needed(context)))
        {
            context.Result = ConsoleErrors.Page(context.HttpContext, StatusCodes.Status403Forbidden, "Your role does not allow this",
                $"You are signed in as {context.HttpContext.User.Identity?.Name}. Ask an owner of this installation to do it, or to change your role.");
            return;
        }
        await next();
    }

    private static Right Needed(PageHandlerExecutingContext context)
    {
        var look = context.ActionDescriptor.ModelTypeInfo?.GetCustomAttribute<NeedsAttribute>()?.Right ?? Right.Look;
        if (context.HandlerMethod is null)
            return look;
        var own = context.HandlerMethod.MethodInfo.GetCustomAttribute<NeedsAttribute>()?.Right ?? (HttpMethods.IsGet(context.HandlerMethod.HttpMethod) ? look : Right.Own);
        // Who may not see a page does nothing on it either.
        return own > look ? own : look;
    }
}
