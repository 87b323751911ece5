using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Postrider.Client;

namespace Postrider.EndToEnd.Hostile;

/// <summary>Requests without the right key, to addresses that do not exist, and with filters that make no sense.</summary>
[Collection(OpenDoors.Name)]
public sealed class HttpAccessTests(OpenDoors doors)
{
    [Theory]
    [InlineData(null)]
    [InlineData("Bearer ")]
    [InlineData("Bearer nonsense")]
    [InlineData("Bearer pr_00000000000000000000000000000000_x")]
    [InlineData("Basic YWRtaW46YWRtaW4=")]
    public async Task Without_a_valid_key_nothing_is_answered(string? authorization) => await doors.UnchangedByAsync(async () =>
    {
        foreach (var (method, path) in new[] { ("GET", "/api/v1/messages"), ("POST", "/api/v1/messages"), ("GET", "/api/v1/providers"), ("GET", "/api/v1/clients"), ("POST", "/api/v1/keys") })
        {
            using var http = new HttpClient();
            using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(doors.Gateway.HttpUrl, path + "?key=" + doors.Gateway.AdminKey));
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            await Problem.OfAsync(answer, HttpStatusCode.Unauthorized, "unauthorized");
            Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
        }
    });

    [Fact]
    public async Task A_key_does_what_its_scopes_say_and_nothing_after_it_is_revoked() => await doors.UnchangedByAsync(async () =>
    {
        var made = await doors.Gateway.Api.Keys.AddAsync(new KeyInput { Name = "reader", Scopes = ["read"] }, TestContext.Current.CancellationToken);
        using var http = new HttpClient { BaseAddress = doors.Gateway.HttpUrl };
        http.DefaultRequestHeaders.Authorization = new("Bearer", made.Key);
        Assert.True((await http.GetAsync(Problem.Messages, TestContext.Current.CancellationToken)).IsSuccessStatusCode);
        using var body = new StringContent("{\"to\":[\"a@example.org\"]}", Encoding.UTF8, "application/json");
        await Problem.OfAsync(await http.PostAsync(Problem.Messages, body, TestContext.Current.CancellationToken), HttpStatusCode.Forbidden, "forbidden");
        await Problem.OfAsync(await http.GetAsync(new Uri("/api/v1/clients", UriKind.Relative), TestContext.Current.CancellationToken), HttpStatusCode.Forbidden, "forbidden");
        await doors.Gateway.Api.Keys.RevokeAsync(made.Id, TestContext.Current.CancellationToken);
        await Problem.OfAsync(await http.GetAsync(Problem.Messages, TestContext.Current.CancellationToken), HttpStatusCode.Unauthorized, "unauthorized");
    });

    [Theory]
    [InlineData("limit=0", "limit: Write a number from 1 to 500.")]
    [InlineData("limit=501", "limit: Write a number from 1 to 500.")]
    [InlineData("limit=ten", "limit: Write a number from 1 to 500.")]
    [InlineData("limit=99999999999999", "limit: Write a number from 1 to 500.")]
    [InlineData("cursor=x", "cursor: Take it from nextCursor of the page before.")]
    [InlineData("state=lost", "state: Write one of queued, sending, held, sent")]
    [InlineData("since=yesterday", "since: \"yesterday\" is not a time. Write it like 2026-05-01T10:00:00Z.")]
    [InlineData("until=2026-13-01", "until: \"2026-13-01\" is not a time.")]
    [InlineData("provider=nowhere", "provider: There is no provider \"nowhere\".")]
    [InlineData("client=nobody", "client: There is no client \"nobody\".")]
    public async Task A_filter_that_makes_no_sense_is_named(string query, string words)
    {
        using var answer = await doors.Gateway.Http.GetAsync(new Uri($"/api/v1/messages?{query}", UriKind.Relative), TestContext.Current.CancellationToken);
        var problem = await Problem.OfAsync(answer, HttpStatusCode.BadRequest, "validation");
        Assert.Contains(words, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("q=%00")]
    [InlineData("q=%25%5F%27%22;--")]
    [InlineData("from=%27%20or%201=1--")]
    [InlineData("since=0001-01-01T00:00:00Z&until=9999-12-31T23:59:59Z")]
    [InlineData("cursor=00000000-0000-0000-0000-000000000000")]
    [InlineData("q=%F0%9F%90%B4")]
    public async Task An_odd_filter_is_only_a_filter(string query)
    {
        using var answer = await doors.Gateway.Http.GetAsync(new Uri($"/api/v1/messages?{query}", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await doors.SoundAsync();
    }

    [Theory]
    [InlineData("GET", "/api/v1/messages/nonsense", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/v1/messages/00000000000000000000000000000000", HttpStatusCode.NotFound, "not-found")]
    [InlineData("GET", "/api/v1/messages/00000000000000000000000000000000/content", HttpStatusCode.NotFound, "not-found")]
    [InlineData("POST", "/api/v1/messages/x%01y/retry", HttpStatusCode.NotFound, "not-found")]
    [InlineData("POST", "/api/v1/messages/cancel", HttpStatusCode.BadRequest, "bad-request")]
    [InlineData("GET", "/api/v1/nonsense", HttpStatusCode.NotFound, "not-found")]
    [InlineData("DELETE", "/api/v1/messages", HttpStatusCode.MethodNotAllowed, "method")]
    [InlineData("PATCH", "/api/v1/clients", HttpStatusCode.MethodNotAllowed, "method")]
    [InlineData("DELETE", "/api/v1/clients/nobody", HttpStatusCode.NotFound, "not-found")]
    public async Task An_address_that_does_not_exist_is_refused_in_words(string method, string path, HttpStatusCode status, string type) => await doors.UnchangedByAsync(async () =>
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(path, UriKind.Relative));
        using var answer = await doors.Gateway.Http.SendAsync(request, TestContext.Current.CancellationToken);
        await Problem.OfAsync(answer, status, type);
    });

    [Theory]
    [InlineData("clients", """{"name":""}""", "name: ")]
    [InlineData("clients", """{"name":"a b"}""", "name: ")]
    [InlineData("clients", """{"name":"x","userName":"a b"}""", "userName: ")]
    [InlineData("clients", """{"name":"x","networks":["10.0.0.0/40"]}""", "networks: \"10.0.0.0/40\" is not a network.")]
    [InlineData("clients", """{"name":"x","networks":["everywhere"]}""", "networks: \"everywhere\" is not a network.")]
    [InlineData("clients", """{"name":"x","networks":[null]}""", "null stands at $.networks")]
    [InlineData("clients", """{"name":"x","senders":[null]}""", "null stands at $.senders")]
    [InlineData("clients", """{"name":"x","senders":["example.org"]}""", "senders: \"example.org\" is neither an address nor a domain.")]
    [InlineData("clients", """{"name":"x","provider":"nowhere"}""", "provider: There is no provider \"nowhere\".")]
    [InlineData("keys", """{"name":"x"}""", "scopes: Name what the key may do: admin, send, read.")]
    [InlineData("keys", """{"name":"x","scopes":["root"]}""", "scopes: ")]
    [InlineData("keys", """{"name":"x","scopes":[null]}""", "null stands at $.scopes")]
    [InlineData("keys", """{"name":"x","scopes":["read"],"expiresAt":"2020-01-01T00:00:00Z"}""", "expiresAt: The key would have expired already.")]
    public async Task A_client_or_key_that_makes_no_sense_is_not_added(string what, string body, string words)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await doors.Gateway.Http.PostAsync(new Uri($"/api/v1/{what}", UriKind.Relative), content, TestContext.Current.CancellationToken);
        var problem = await Problem.OfAsync(answer, HttpStatusCode.BadRequest, words.StartsWith("null", StringComparison.Ordinal) ? "bad-request" : "validation");
        Assert.Contains(words, problem["detail"]!.GetValue<string>(), StringComparison.Ordinal);
        var listed = JsonNode.Parse(await doors.Gateway.Http.GetStringAsync(new Uri($"/api/v1/{what}", UriKind.Relative), TestContext.Current.CancellationToken))!;
        Assert.DoesNotContain(listed["items"]!.AsArray(), item => item!["name"]!.GetValue<string>() == "x");
    }
}
