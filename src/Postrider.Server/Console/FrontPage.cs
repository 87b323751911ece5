namespace Postrider.Server.Console;

/// <summary>What a browser finds at the gateway's address: that it runs, and how to look further. It tells nothing of the mail, since
/// whoever reaches the address can read it.</summary>
internal static class FrontPage
{
    public static void MapFrontPage(this IEndpointRouteBuilder routes) => routes.MapGet("/", (HttpContext context) =>
    {
        Page.SetHeaders(context.Response.Headers);
        return TypedResults.Content(Page.Write("Running", Body, Links(context.Request.PathBase)), "text/html; charset=utf-8");
    }).ExcludeFromDescription();

    private const string Body = """
        <h1 class="ok"><span aria-hidden="true">●</span>The gateway is running</h1>
        <p>Configure it and look at the mail with the command line, on this machine or another:</p>
        <pre>postrider provider list
        postrider message list
        postrider doctor</pre>
        <h2>Or over HTTP</h2>
        <p>Every request carries an API key. The first one is in the file admin.key of the data directory.</p>
        """;

    private static string Links(string pathBase) =>
        $"<a class=\"first\" href=\"{Page.Text(pathBase)}/scalar\">The HTTP interface</a><a href=\"{Page.Text(pathBase)}/openapi/v1.json\">Its description</a>";
}
