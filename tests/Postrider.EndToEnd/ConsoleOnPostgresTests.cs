using System.Net;
using System.Text.RegularExpressions;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Tests.Postgres;

namespace Postrider.EndToEnd;

/// <summary>What the console writes and asks is said so that PostgreSQL understands it too.</summary>
public sealed partial class ConsoleOnPostgresTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_consoles_rooms_work_on_postgresql()
    {
        var database = await (await PostgresServer.SharedAsync()).NewInstallationAsync();
        await using var installation = await Installation.StartAsync(connect: false, arguments: ["--database", database]);
        await installation.AddProviderAsync(connect: false);
        var place = new Uri($"http://localhost:{installation.Gateway.HttpUrl.Port}");
        using var owner = new Browser(place);
        await owner.SetUpAsync((await installation.Gateway.Api.Console.LinkAsync(null, Cancellation)).Url);

        using var added = await owner.FormAsync("/apps/clients/add", new() { ["name"] = "erp", ["messagesPerDay"] = "5" });
        using var rotated = await owner.FormAsync("/apps/clients/erp", new() { ["keepOldHours"] = "24" }, "/apps/clients/erp?handler=Rotate");
        foreach (var path in new[] { "/trends", "/trends?range=7d", "/messages/act?act=cancel&state=queued" })
            Assert.True((int)await owner.StatusAsync(path) < 400, path);
        Assert.Contains("Two passwords work", await owner.SeeAsync("/apps/clients/erp"), StringComparison.Ordinal);

        using var device = new Authenticator(place.GetLeftPart(UriPartial.Authority));
        using var asked = await owner.FormAsync("/settings/you/passkeys", [], "/settings/you/passkeys?handler=Options");
        using var made = await owner.FormAsync("/settings/you/passkeys", new() { ["credential"] = device.Create(await asked.Content.ReadAsStringAsync(Cancellation)), ["name"] = "stick" });
        using var other = new Browser(place);
        using var question = await other.FormAsync("/sign-in", [], "/sign-in?handler=PasskeyOptions");
        using var signed = await other.FormAsync("/sign-in", new() { ["credential"] = device.Sign(await question.Content.ReadAsStringAsync(Cancellation)) }, "/sign-in?handler=Passkey");
        Assert.Equal(HttpStatusCode.Redirect, signed.StatusCode);

        await owner.PostAsync("/settings/you/code", "Begin");
        Assert.Contains("<svg class=\"qr\"", await owner.SeeAsync("/settings/you/code"), StringComparison.Ordinal);
        await owner.PostAsync("/settings/you/code", "Off");
        using var invited = await owner.FormAsync("/settings/people/invite", new() { ["name"] = "berta", ["role"] = "viewer" });
        Assert.Equal(HttpStatusCode.Redirect, invited.StatusCode);

        await installation.SendManyAsync(60);
        var first = await owner.SeeAsync("/messages?q=HELLO");
        var older = Older().Match(first).Groups[1].Value;
        Assert.Equal(10, Row().Count(await owner.SeeAsync(older)));
        Assert.Contains("Cancel 60 messages", await owner.SeeAsync("/messages/act?act=cancel&q=hello"), StringComparison.Ordinal);
        Assert.NotEmpty((await installation.Gateway.Api.Console.AuditAsync(new AuditQuestion { Action = "PASSWORD changed", Since = DateTimeOffset.UtcNow.AddHours(-1) }, cancellation: Cancellation)).Items);
        foreach (var page in new[] { "/", "/queue", "/queue/differences", "/apps", "/doctor", "/alerts", "/audit", "/audit?handler=Verify", "/audit?handler=Export&format=jsonl", "/welcome", "/settings/installation", "/settings/system", "/settings/people", "/settings/you" })
            await owner.SeeAsync(page);
        var content = await owner.SeeAsync($"/messages/{Row().Match(first).Groups[1].Value}/content");
        Assert.Contains("As text", content, StringComparison.Ordinal);
    }

    [GeneratedRegex("<a href=\"([^\"]+)\" rel=\"next\">Older")]
    private static partial Regex Older();

    [GeneratedRegex("id=\"to-([0-9a-f]{32})\"")]
    private static partial Regex Row();
}
