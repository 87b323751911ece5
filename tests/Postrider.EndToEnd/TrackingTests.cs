using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>What became of mail after the provider took it, through every door: reports come in, states follow, and whom to write to no more is known.</summary>
public sealed class TrackingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_bounce_finds_its_message_and_the_address_is_not_sent_to_again_from_any_door()
    {
        await using var installation = await Installation.StartAsync();
        var (api, gateway) = (installation.Gateway.Api, installation.Gateway);
        var sent = await api.Messages.SendAsync(new SendMessage { To = ["gone@example.net", "there@example.net"], Subject = "Order 12", Text = "x" }, cancellation: Cancellation);
        await gateway.MessageIsAsync(sent.Id, "sent");
        var arrived = Assert.Single(installation.Simulator.State.Messages.Read(0, 10));
        Assert.Contains($"RET=HDRS ENVID={sent.Id}", arrived.MailParameters, StringComparison.Ordinal);
        Assert.Equal("ORCPT=rfc822;gone@example.net", arrived.RecipientParameters[0]);

        // By the API, once more by the command line, and nothing that another key may do.
        var bounce = Report(sent.Id, "gone@example.net", "failed", "5.1.1");
        var taken = await api.Reports.AddAsync(new MemoryStream(bounce), Cancellation);
        Assert.Equal((false, "bounce", "certain", sent.Id, "address", true), (taken.Known, taken.Reports[0].Kind, taken.Reports[0].Certainty, taken.Reports[0].Message, taken.Reports[0].Class, taken.Reports[0].Changed));
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, bounce, Cancellation);
        var (code, output, error) = await gateway.CliAsync("reports", "add", file);
        Assert.True(code == 0 && output.Contains("handed in before", StringComparison.Ordinal), output + error);
        File.Delete(file);
        (code, output, _) = await gateway.CliAsync("reports", "--kind", "bounce");
        Assert.True(code == 0 && output.Contains("gone@example.net", StringComparison.Ordinal), output);
        await api.Reports.AddAsync(new MemoryStream(Report(sent.Id, "there@example.net", "delivered", "2.0.0")), Cancellation);
        Assert.Equal(HttpStatusCode.Forbidden, await WithKeyAsync(gateway, ["send", "read"], HttpMethod.Post, "/api/v1/reports", new ByteArrayContent(bounce) { Headers = { { "Content-Type", "message/rfc822" } } }));
        Assert.Equal(HttpStatusCode.OK, await WithKeyAsync(gateway, ["read"], HttpMethod.Get, "/api/v1/reports?kind=bounce", null));

        var detail = await api.Messages.GetAsync(sent.Id, Cancellation);
        Assert.Equal([("gone@example.net", "bounced"), ("there@example.net", "delivered")], detail.Recipients.Select(one => (one.Address, one.State)));
        Assert.Equal(("bounced", "550 5.1.1 No such user", 2), (detail.State, detail.Recipients[0].Reply, detail.Reports.Count));
        var happened = (await api.Alerts.EventsAsync(type: "message.bounced", cancellation: Cancellation)).Items.Single();
        Assert.Equal(("gone@example.net", "address"), (happened.Data["recipient"]!.GetValue<string>(), happened.Data["class"]!.GetValue<string>()));

        // The address is on the list now, whichever way mail comes in.
        Assert.Equal(("gone@example.net", "bounce", sent.Id), (await api.Suppressions.ListAsync(cancellation: Cancellation)).Items.Select(one => (one.Address, one.Reason, one.Message!)).Single());
        var again = await api.Messages.SendAsync(new SendMessage { To = ["Gone@Example.NET"], Subject = "Order 13", Text = "x" }, cancellation: Cancellation);
        var failed = await api.Messages.GetAsync(again.Id, Cancellation);
        Assert.Equal("failed", failed.State);
        Assert.Contains("It bounced on", failed.Recipients[0].Cause, StringComparison.Ordinal);
        Assert.Contains("postrider suppressions remove", failed.Recipients[0].Remedy, StringComparison.Ordinal);
        using (var smtp = new SmtpClient())
        {
            await smtp.ConnectAsync("127.0.0.1", gateway.Smtp.Port, SecureSocketOptions.None, Cancellation);
            await smtp.SendAsync(new MimeMessage([new MailboxAddress("App", Installation.Mailbox)], [MailboxAddress.Parse("gone@example.net"), MailboxAddress.Parse("there@example.net")], "by SMTP", new TextPart("plain") { Text = "x" }), Cancellation);
            await smtp.DisconnectAsync(true, Cancellation);
        }
        var mixed = await GatewayProcess.EventuallyAsync(async () => (await api.Messages.PageAsync(new MessageFilter { Query = "by SMTP", To = "there@example.net" }, cancellation: Cancellation)).Items.SingleOrDefault() is { FinishedAt: not null } one ? one : null, "the mixed message is finished");
        Assert.Equal(["failed", "sent"], (await api.Messages.GetAsync(mixed.Id, Cancellation)).Recipients.Select(one => one.State));
        // Two notices to the sender, and the mail to the one that is there.
        await installation.ArrivedAsync(4);
        var mails = installation.Simulator.State.Messages.Read(0, 10);
        Assert.Equal([Installation.Mailbox, Installation.Mailbox], mails.Where(mail => mail.Subject!.StartsWith("Not delivered: ", StringComparison.Ordinal)).Select(mail => mail.To.Single()));
        Assert.DoesNotContain(mails.Skip(1), mail => mail.To.Contains("gone@example.net"));

        // Off the list, sent again.
        (code, output, error) = await gateway.CliAsync("suppressions", "remove", "gone@example.net");
        Assert.True(code == 0, output + error);
        await api.Messages.RetryAsync(again.Id, Cancellation);
        await gateway.MessageIsAsync(again.Id, "sent");
    }

    [Fact]
    public async Task Many_addresses_are_imported_and_what_was_not_taken_is_named()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var (api, gateway) = (installation.Gateway.Api, installation.Gateway);
        await api.Suppressions.AddAsync(new SuppressionInput { Address = "known@example.net", Detail = "asked" }, Cancellation);
        var done = await api.Suppressions.ImportAsync("address,reason\r\n\"One@Example.net\",\"left\"\nknown@example.net\n# a remark\n\nnobody\ntwo@example.net;moved;2026\n", Cancellation);
        Assert.Equal((2, 1, 1), (done.Added, done.Known, done.NotTakenCount));
        Assert.Equal((6, "nobody", "The address has no @ and domain."), (done.NotTaken[0].Line, done.NotTaken[0].Text, done.NotTaken[0].Why));
        Assert.Equal([("known@example.net", "asked"), ("one@example.net", "left"), ("two@example.net", "moved")],
            (await api.Suppressions.ListAsync(cancellation: Cancellation)).Items.Select(one => (one.Address, one.Detail!)).Order());
        var refused = await Assert.ThrowsAsync<PostriderException>(() => api.Suppressions.AddAsync(new SuppressionInput { Address = "nobody" }, Cancellation));
        Assert.Equal(400, refused.Problem.Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<PostriderException>(() => api.Suppressions.RemoveAsync("other@example.net", Cancellation))).Problem.Status);
        var page = await api.Suppressions.ListAsync(limit: 2, cancellation: Cancellation);
        Assert.Single((await api.Suppressions.ListAsync(cursor: page.NextCursor, limit: 2, cancellation: Cancellation)).Items);
        var (code, output, _) = await gateway.CliAsync("suppressions", "list", "--find", "example.net", "--json");
        Assert.True(code == 0 && JsonNode.Parse(output)!["items"]!.AsArray().Count == 3, output);
    }

    [Fact]
    public async Task The_console_shows_what_came_back_and_lets_operators_say_whom_to_send_nothing_to()
    {
        await using var installation = await Installation.StartAsync();
        var (api, gateway) = (installation.Gateway.Api, installation.Gateway);
        using var anna = await Browser.OwnerAsync(installation);
        using var bert = await anna.InviteAsync("bert", "operator");
        using var carl = await anna.InviteAsync("carl", "viewer");
        Assert.Contains("Nothing came back", await carl.SeeAsync("/bounces"), StringComparison.Ordinal);
        Assert.Contains("Nobody is on the list", await carl.SeeAsync("/bounces/suppressions"), StringComparison.Ordinal);
        var sent = await api.Messages.SendAsync(new SendMessage { To = ["gone@example.net"], Subject = "Order 12", Text = "x" }, cancellation: Cancellation);
        await gateway.MessageIsAsync(sent.Id, "sent");

        using (var handed = await bert.FormAsync("/bounces", new() { ["raw"] = Encoding.UTF8.GetString(Report(sent.Id, "gone@example.net", "failed", "5.1.1")) }, "/bounces?handler=Add"))
            Assert.Equal(HttpStatusCode.Redirect, handed.StatusCode);
        var page = await bert.SeeAsync("/bounces");
        Assert.Contains("Bounced: gone@example.net, and its message says so now.", page, StringComparison.Ordinal);
        Assert.Contains("No such address", page, StringComparison.Ordinal);
        using (var unread = await bert.FormAsync("/bounces", new() { ["raw"] = "From: postmaster@odd.example\nReturn-Path: <>\nSubject: <script>alert(1)</script>\n\nOdd." }, "/bounces?handler=Add"))
            Assert.Equal(HttpStatusCode.Redirect, unread.StatusCode);
        using (var answer = await carl.Http.GetAsync("/bounces?kind=unread", Cancellation))
        {
            var raw = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.Contains("Not understood", raw, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>alert", raw, StringComparison.Ordinal);
            Assert.DoesNotContain("handler=Source", raw, StringComparison.Ordinal);
        }
        var report = (await api.Reports.ListAsync("bounce", cancellation: Cancellation)).Items.Single();
        using (var file = await bert.Http.GetAsync($"/bounces?handler=Source&of={report.Id}", Cancellation))
            Assert.Equal(("message/rfc822", "attachment"), (file.Content.Headers.ContentType!.MediaType, file.Content.Headers.ContentDisposition!.DispositionType));
        Assert.Equal(HttpStatusCode.Forbidden, await carl.StatusAsync($"/bounces?handler=Source&of={report.Id}"));
        Assert.Contains("came back: Bounced, gone@example.net", await carl.SeeAsync($"/messages/{sent.Id}"), StringComparison.Ordinal);

        // Suppressions: seen by all, changed by operators, each change asked for or told.
        Assert.Contains("gone@example.net", await carl.SeeAsync("/bounces/suppressions"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, await carl.StatusAsync("/bounces/suppressions?handler=Remove&address=gone@example.net"));
        using (var wrong = await bert.FormAsync("/bounces/suppressions", new() { ["address"] = "nobody" }, "/bounces/suppressions?handler=Add"))
            Assert.Contains("The address has no @ and domain.", await wrong.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        using (var imported = await bert.FormAsync("/bounces/suppressions", new() { ["lines"] = "=cmd@example.net,=1+1\nnobody" }, "/bounces/suppressions?handler=Import"))
            Assert.Contains("Line 2", await imported.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.Contains("\"'=cmd@example.net\",\"'=1+1\",\"person\",\"bert\"", await carl.SeeAsync("/bounces/suppressions?handler=Export"), StringComparison.Ordinal);
        Assert.Contains("No such address is on the list", await carl.SeeAsync("/bounces/suppressions?q=other"), StringComparison.Ordinal);
        Assert.Contains("It bounced", await bert.SeeAsync("/bounces/suppressions?handler=Remove&address=gone@example.net"), StringComparison.Ordinal);
        using (var removed = await bert.FormAsync("/bounces/suppressions?handler=Remove&address=gone@example.net", []))
            Assert.Equal(HttpStatusCode.Redirect, removed.StatusCode);
        Assert.Contains("gone@example.net is sent to again.", await bert.SeeAsync("/bounces/suppressions"), StringComparison.Ordinal);
        foreach (var act in new[] { "report added", "report downloaded", "suppressions imported", "suppressions exported", "suppression removed" })
            Assert.Contains(act, await anna.SeeAsync($"/audit?action={Uri.EscapeDataString(act)}"), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> WithKeyAsync(RunningGateway gateway, IReadOnlyList<string> scopes, HttpMethod method, string path, HttpContent? content)
    {
        var key = await gateway.Api.Keys.AddAsync(new KeyInput { Name = string.Join('-', scopes), Scopes = scopes }, Cancellation);
        using var http = new HttpClient { BaseAddress = gateway.HttpUrl };
        using var request = new HttpRequestMessage(method, path) { Content = content, Headers = { { "Authorization", $"Bearer {key.Key}" } } };
        using var answer = await http.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    internal static byte[] Report(string message, string recipient, string action, string status) => Encoding.UTF8.GetBytes($"""
        Return-Path: <>
        From: postmaster@contoso.example
        To: {Installation.Mailbox}
        Subject: Undeliverable: Order 12
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: text/plain

        <script>alert('report')</script> Your message did not reach them.
        --b
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.net
        Original-Envelope-Id: {message}

        Final-Recipient: rfc822; {recipient}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {(action == "failed" ? $"550 {status} No such user" : $"250 {status} Stored")}

        --b--
        """);
}
