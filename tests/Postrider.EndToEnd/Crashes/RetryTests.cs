using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd.Crashes;

/// <summary>What becomes of a message that is not taken at once, as its sender and an administrator see it.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task A_message_deferred_twice_is_sent_at_the_third_attempt_and_every_reply_is_kept()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync();
        var id = await SendAsync(installation, "451-2@example.org");
        var sent = await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Equal(["deferred", "deferred", "sent"], sent.Attempts.Select(attempt => attempt.Outcome));
        Assert.Equal(["rcpt", "rcpt", "finalReply"], sent.Attempts.Select(attempt => attempt.Stage));
        Assert.Equal(["451", "451", "250"], sent.Attempts.Select(attempt => attempt.Reply[..3]));
        Assert.All(sent.Attempts.Take(2), attempt => Assert.False(string.IsNullOrEmpty(attempt.Cause)));
        Assert.True(sent.Attempts[2].StartedAt - sent.Attempts[1].FinishedAt > TimeSpan.FromSeconds(0.79), "The second pause is one second, less a fifth at the most.");
        Assert.Equal(1, installation.Simulator.State.Messages.Count);
        Assert.Equal(3, (await installation.Gateway.Api.Messages.GetAsync(id, cancellation)).AttemptCount);
    }

    [Fact]
    public async Task A_refused_recipient_fails_alone_and_its_sender_is_told_by_a_report()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync();
        var arrivals = installation.Simulator.State.Messages;
        var id = await SendAsync(installation, "first@example.org", "550@example.org", "second@example.org");
        var failed = await installation.Gateway.MessageIsAsync(id, "failed");
        Assert.Equal(["sent", "failed", "sent"], failed.Recipients.Select(recipient => recipient.State));
        Assert.StartsWith("550 5.1.", failed.Recipients[1].Reply, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(failed.Recipients[1].Remedy));

        await arrivals.ArrivedAsync(2, cancellation).WaitAsync(TimeSpan.FromSeconds(20), cancellation);
        Assert.Equal(["first@example.org", "second@example.org"], arrivals.Read()[0].To);
        Assert.Equal([Installation.Mailbox], arrivals.Read()[1].To);
        var notice = await MimeMessage.LoadAsync(new MemoryStream(arrivals.Raw(2)!), cancellation);
        Assert.Equal("auto-replied", notice.Headers[HeaderId.AutoSubmitted]);
        Assert.Equal(failed.MessageId.Trim('<', '>'), notice.InReplyTo);
        var report = Assert.IsType<MultipartReport>(notice.Body);
        Assert.Equal("delivery-status", report.ReportType);
        var status = Assert.Single(report.OfType<MessageDeliveryStatus>()).StatusGroups;
        Assert.Equal(["rfc822; 550@example.org"], status.Select(group => group["Final-Recipient"]).OfType<string>());
        Assert.Equal("failed", status[1]["Action"]);

        // The report is a message like any other, and nobody is told of its end.
        var reports = await GatewayProcess.EventuallyAsync(async () => await installation.Gateway.Api.Messages.PageAsync(new MessageFilter(), cancellation: cancellation)
            is var all && all.Items.Where(message => message.Source == "report").ToList() is [{ State: "sent" }] found ? found : null, "the report is sent");
        Assert.Equal(Installation.Mailbox, reports[0].From);
    }

    [Fact]
    public async Task A_message_without_an_answer_is_shown_as_perhaps_sent_and_sent_again_with_the_same_Message_ID()
    {
        await using var installation = await Installation.StartAsync(settings: new Dictionary<string, string> { ["POSTRIDER__Mail__RetryDelays__0"] = "00:00:02" });
        var id = await SendAsync(installation, "drop-1@example.org");
        var waiting = await GatewayProcess.EventuallyAsync(async () => await installation.Gateway.Api.Messages.GetAsync(id, TestContext.Current.CancellationToken)
            is { MayHaveBeenSent: true } message ? message : null, "the message is shown as perhaps sent");
        Assert.Equal("queued", waiting.State);
        Assert.True(waiting.Recipients[0].MayHaveBeenSent);

        var sent = await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Equal(["uncertain", "sent"], sent.Attempts.Select(attempt => attempt.Outcome));
        Assert.False(sent.MayHaveBeenSent);
        var copies = installation.Simulator.State.Messages.Read();
        Assert.Equal([sent.MessageId, sent.MessageId], copies.Select(copy => copy.MessageId));
        Assert.Equal(copies[0].Sha256, copies[1].Sha256);
    }

    [Fact]
    public async Task A_limit_met_at_the_final_dot_is_no_attempt_and_leaves_no_doubt()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Dot, "432 4.3.2 Concurrent connections limit exceeded", Times: 1));
        var id = await SendAsync(installation, "someone@example.org");
        await GatewayProcess.EventuallyAsync(async () => await installation.Gateway.Api.Messages.GetAsync(id, cancellation)
            is { State: "queued", Reply: { } reply } message && reply.StartsWith("432", StringComparison.Ordinal) ? message : null, "the message waits for the provider");
        foreach (var verb in new[] { "pause", "resume" })
            (await installation.Gateway.Http.PostAsync($"/api/v1/providers/{Installation.ProviderName}/{verb}", null, cancellation)).EnsureSuccessStatusCode();
        var sent = await installation.Gateway.MessageIsAsync(id, "sent");
        Assert.Equal(["sent"], sent.Attempts.Select(attempt => attempt.Outcome));
    }

    [Fact]
    public async Task A_hundred_answers_that_are_lost_are_a_hundred_doubts_and_each_message_comes_once_more()
    {
        await using var installation = await Installation.StartAsync();
        var ids = await Task.WhenAll(Enumerable.Range(0, 100).Select(number => SendAsync(installation, $"drop-1+{number}@example.org")));
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, TestContext.Current.CancellationToken);
        var copies = installation.Simulator.State.Messages.Read().ToLookup(copy => copy.MessageId);
        foreach (var id in ids)
        {
            var message = await installation.Gateway.MessageIsAsync(id, "sent");
            // One doubt for each copy beyond the one that was answered; those that left together with one that was lost are in doubt as well.
            Assert.Equal("sent", message.Attempts[^1].Outcome);
            Assert.All(message.Attempts.SkipLast(1), attempt => Assert.Equal("uncertain", attempt.Outcome));
            Assert.InRange(copies[message.MessageId].Count(), 2, message.Attempts.Count);
        }
    }

    [Fact]
    public async Task A_hundred_answers_that_are_lost_make_no_second_copy_where_a_person_decides()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var installation = await Installation.StartAsync();
        var api = installation.Gateway.Api;
        var (exitCode, _, error) = await installation.Gateway.CliAsync("client", "add", "payroll", "--network", "127.0.0.1", "--uncertain", "hold");
        Assert.True(exitCode == 0, error);
        using (var smtp = new SmtpClient())
        {
            await smtp.ConnectAsync("127.0.0.1", installation.Gateway.Smtp.Port, SecureSocketOptions.None, cancellation);
            for (var number = 0; number < 100; number++)
                await smtp.SendAsync(new MimeMessage([MailboxAddress.Parse(Installation.Mailbox)], [MailboxAddress.Parse($"drop-1+{number}@example.org")], "Salary",
                    new TextPart("plain") { Text = "Hello" }), cancellation);
            await smtp.DisconnectAsync(true, cancellation);
        }
        var listed = await GatewayProcess.EventuallyAsync(async () => await api.Messages.PageAsync(new MessageFilter { State = "held" }, limit: 200, cancellation: cancellation)
            is { Items: { Count: 100 } items } ? items : null, "all of them are held");
        var held = await Task.WhenAll(listed.Select(message => api.Messages.GetAsync(message.Id, cancellation)));
        var copies = installation.Simulator.State.Messages.Read().ToLookup(copy => copy.MessageId);
        foreach (var message in held)
        {
            Assert.Equal((true, 1, "payroll"), (message.MayHaveBeenSent, message.AttemptCount, message.Client));
            Assert.Contains("Look whether it has arrived", message.Cause, StringComparison.Ordinal);
            Assert.InRange(copies[message.MessageId].Count(), 0, 1);
        }
        Assert.NotEmpty(copies);

        var arrived = held.First(message => copies.Contains(message.MessageId));
        await api.Messages.CancelAsync(arrived.Id, cancellation);
        Assert.Equal("cancelled", (await api.Messages.GetAsync(arrived.Id, cancellation)).State);
        var again = held.First(message => message.Id != arrived.Id && copies.Contains(message.MessageId));
        await api.Messages.ReleaseAsync(again.Id, cancellation);
        await installation.Gateway.MessageIsAsync(again.Id, "sent");
        Assert.Equal(2, installation.Simulator.State.Messages.Read().Count(copy => copy.MessageId == again.MessageId));
    }

    [Fact]
    public async Task A_hundred_connections_that_break_before_the_message_is_taken_cost_no_message_and_no_second_copy()
    {
        await using var installation = await Installation.StartAsync();
        foreach (var stage in new[] { SmtpStage.Rcpt, SmtpStage.Dot })
            installation.Simulator.State.SmtpFaults.Add(new SmtpFault(stage, Drop: true, Times: 50));
        await Task.WhenAll(Enumerable.Range(0, 100).Select(number => SendAsync(installation, $"someone+{number}@example.org")));
        await Arrivals.QueueIsEmptyAsync(installation.Gateway, TestContext.Current.CancellationToken);
        Assert.Empty(installation.Simulator.State.SmtpFaults.All);
        Assert.Equal(100, installation.Simulator.State.Messages.Read().Select(copy => copy.MessageId).Distinct().Count());
        Assert.Equal(100, installation.Simulator.State.Messages.Count);
    }

    private static async Task<string> SendAsync(Installation installation, params string[] to) =>
        (await installation.Gateway.Api.Messages.SendAsync(new SendMessage { To = to, Subject = "Invoice", Text = "Hello" },
            cancellation: TestContext.Current.CancellationToken)).Id;
}
