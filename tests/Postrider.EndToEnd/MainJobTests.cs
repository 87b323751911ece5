using System.Text.Json.Nodes;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd;

/// <summary>The main job: a provider is connected, and mail from every door is sent through it and shown as sent.</summary>
public sealed class MainJobTests
{
    [Fact]
    public async Task Mail_from_every_door_is_sent_with_XOAUTH2_and_listed_as_sent()
    {
        await using var installation = await Installation.StartAsync(alone: true);
        var gateway = installation.Gateway;
        Assert.Equal("ready", (await installation.ProviderAsync())["state"]!.GetValue<string>());

        using (var smtp = new SmtpClient())
        {
            await smtp.ConnectAsync("127.0.0.1", gateway.Smtp.Port, SecureSocketOptions.None, TestContext.Current.CancellationToken);
            await smtp.SendAsync(Message("by SMTP"), TestContext.Current.CancellationToken);
            await smtp.DisconnectAsync(true, TestContext.Current.CancellationToken);
        }
        var byHttp = await gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "by HTTP", Text = "Hello" },
            cancellation: TestContext.Current.CancellationToken);
        var (exitCode, output, error) = await gateway.CliAsync("send", "--from", Installation.Mailbox, "--to", "someone@example.org",
            "--subject", "by CLI", "--text", "Hello", "--wait");
        Assert.True(exitCode == 0, output + error + gateway.Output);

        await gateway.MessageIsAsync(byHttp.Id, "sent");
        await installation.Simulator.State.Messages.ArrivedAsync(3, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        var arrived = installation.Simulator.State.Messages.Read(0, 10);
        Assert.Equal(["by CLI", "by HTTP", "by SMTP"], arrived.Select(message => message.Subject!).Order(StringComparer.Ordinal));
        Assert.All(arrived, message => Assert.Equal("XOAUTH2", message.Mechanism));
        Assert.All(arrived, message => Assert.Equal(Installation.Mailbox, message.Account));

        var listed = await gateway.Api.Messages.PageAsync(new MessageFilter { State = "sent" }, cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(3, listed.Items.Count);
        var detail = await gateway.Api.Messages.GetAsync(byHttp.Id, TestContext.Current.CancellationToken);
        Assert.StartsWith("250 2.0.0 OK", Assert.Single(detail.Attempts).Reply, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_after_a_change_of_settings_does_not_go_out_over_a_session_of_the_old_ones()
    {
        await using var installation = await Installation.StartAsync();
        var (gateway, cancellation) = (installation.Gateway, TestContext.Current.CancellationToken);
        var first = await gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "before", Text = "x" }, cancellation: cancellation);
        await gateway.MessageIsAsync(first.Id, "sent");
        var before = installation.Simulator.State.Counters.Read().Connections;

        await gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject { ["displayName"] = "Renamed" }, cancellation);
        var second = await gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "after", Text = "x" }, cancellation: cancellation);
        await gateway.MessageIsAsync(second.Id, "sent");
        Assert.Equal(before + 1, installation.Simulator.State.Counters.Read().Connections);
    }

    [Fact]
    public async Task A_lane_that_waits_with_its_session_open_sends_what_is_accepted_without_looking_for_it()
    {
        await using var installation = await Installation.StartAsync();
        var gateway = installation.Gateway;
        // Before the first the lane is not there; whether it waits already when the second comes is for chance to say.
        for (var tries = 0; tries < 50; tries++)
        {
            var sent = await gateway.Api.Messages.SendAsync(new SendMessage { To = ["someone@example.org"], Subject = "Hello", Text = "x" }, cancellation: TestContext.Current.CancellationToken);
            var message = await gateway.MessageIsAsync(sent.Id, "sent");
            // The moment of its acceptance is that of its mark: both were written at once.
            if (Assert.Single(message.Attempts).FinalDotAt == message.AcceptedAt)
                return;
        }
        Assert.Fail("None of fifty messages was stored for the lane that waits.");
    }

    [Fact]
    public async Task What_has_no_room_in_the_hand_of_the_only_lane_is_sent_when_it_has_sent_that()
    {
        await using var installation = await Installation.StartAsync();
        var (gateway, cancellation) = (installation.Gateway, TestContext.Current.CancellationToken);
        await gateway.Api.Providers.ChangeAsync(Installation.ProviderName, new JsonObject
        {
            ["limits"] = new JsonObject { ["connections"] = 1, ["messagesPerMinute"] = 0, ["recipientsPerDay"] = 0, ["messageBytes"] = 0 },
        }, cancellation);
        for (var round = 0; round < 10; round++)
        {
            var sent = await Task.WhenAll(Enumerable.Range(0, 7).Select(number => gateway.Api.Messages.SendAsync(
                new SendMessage { To = number == 0 ? ["someone@example.org", "another@example.org"] : ["someone@example.org"], Subject = "Hello", Text = "x" }, cancellation: cancellation)));
            // Whoever forgets one finds it by the look at the queue that is made every five seconds.
            foreach (var message in sent)
                await gateway.MessageIsAsync(message.Id, "sent", within: TimeSpan.FromSeconds(4));
        }
    }

    private static MimeMessage Message(string subject) => new([new MailboxAddress("App", Installation.Mailbox)],
        [new MailboxAddress("Someone", "someone@example.org")], subject, new TextPart("plain") { Text = "Hello" });
}
