using System.Net;
using System.Text.RegularExpressions;

namespace Postrider.EndToEnd.Running;

/// <summary>A browser without script: cookies and forms, and no redirect followed unseen.</summary>
internal sealed partial class Browser : IDisposable
{
    public const string Password = "a sentence that nobody guesses";

    private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };

    public Browser(Uri server) => Http = new HttpClient(handler) { BaseAddress = server };

    public HttpClient Http { get; }
    public CookieContainer Cookies => handler.CookieContainer;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Makes the first owner, anna, and signs in.</summary>
    public static async Task<Browser> OwnerAsync(Installation installation)
    {
        var browser = new Browser(installation.Gateway.HttpUrl);
        await browser.SetUpAsync((await installation.Gateway.Api.Console.LinkAsync(null, Cancellation)).Url);
        return browser;
    }

    /// <summary>Lets an owner invite somebody, who opens the link, sets a password and is signed in.</summary>
    public async Task<Browser> InviteAsync(string name, string role)
    {
        using var invited = await FormAsync("/settings/people/invite", new() { ["name"] = name, ["role"] = role });
        Assert.Equal(HttpStatusCode.Redirect, invited.StatusCode);
        var link = SetupLink().Match(await SeeAsync(invited.Headers.Location!.ToString())).Value;
        var browser = new Browser(Http.BaseAddress!);
        await browser.SetUpAsync(link);
        return browser;
    }

    public async Task<string> SeeAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Cancellation);
        var page = await answer.Content.ReadAsStringAsync(Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}\n{page}");
        return WebUtility.HtmlDecode(page);
    }

    public async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Cancellation);
        return answer.StatusCode;
    }

    /// <summary>Where a page leads on to, within the server.</summary>
    public async Task<string> LandsOnAsync(string path)
    {
        using var answer = await Http.GetAsync(path, Cancellation);
        Assert.True(answer.StatusCode == HttpStatusCode.Redirect, $"{path}: {answer.StatusCode}");
        return answer.Headers.Location!.ToString().Replace(Http.BaseAddress!.GetLeftPart(UriPartial.Authority), "", StringComparison.Ordinal);
    }

    public async Task SetUpAsync(string link, string password = Password)
    {
        using var done = await FormAsync(new Uri(link).AbsolutePath, new() { ["name"] = "anna", ["password"] = password, ["repeat"] = password });
        Assert.True(done.StatusCode == HttpStatusCode.Redirect, await done.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>Sends the form of a page, with what the page hides in it.</summary>
    /// <param name="to">Where the form goes, when not to the page itself.</param>
    public async Task<HttpResponseMessage> FormAsync(string path, Dictionary<string, string> fields, string? to = null)
    {
        fields["__RequestVerificationToken"] = await TokenAsync(path);
        return await Http.PostAsync(to ?? path, new FormUrlEncodedContent(fields), Cancellation);
    }

    /// <summary>Presses a button of a page.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string handlerName)
    {
        var answer = await FormAsync(path, [], $"{path}?handler={handlerName}");
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect, $"{answer.StatusCode}");
        return answer;
    }

    /// <summary>The token of the forms that a page holds.</summary>
    public async Task<string> TokenAsync(string path) => Hidden().Match(await Http.GetStringAsync(path, Cancellation)).Groups[1].Value;

    public void Dispose()
    {
        Http.Dispose();
        handler.Dispose();
    }

    [GeneratedRegex("http://[^\\s\"<]+/setup/[A-Za-z0-9_-]+")]
    private static partial Regex SetupLink();

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Hidden();
}
