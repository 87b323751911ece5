using System.Text.Json.Nodes;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;

namespace Postrider.EndToEnd;

/// <summary>What waits, why, for how long, and what a person may do about it.</summary>
public sealed class QueueTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_queue_says_why_mail_waits_and_what_was_held_stays_when_the_rest_goes()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var gateway = installation.Gateway;
        await installation.AddProviderAsync(connect: false);
        Assert.Equal(0, (await gateway.Api.Queue.GetAsync(Cancellation)).Waiting);
        var (_, nothing, _) = await gateway.CliAsync("queue");
        Assert.Contains("Nothing waits", nothing, StringComparison.Ordinal);

        var ids = await installation.SendManyAsync(5);
        Assert.Equal(1, (await gateway.Api.Messages.HoldAsync(ids[0], Cancellation)).Count);
        var queue = await gateway.Api.Queue.GetAsync(Cancellation);
        var waiting = Assert.Single(queue.Providers);
        Assert.Equal((5, 1, "contoso", "needsConsent"), (waiting.Waiting, waiting.Held, waiting.Provider, waiting.State));
        Assert.Equal([5, 0, 0, 0, 0, 0], waiting.Ages.Select(age => age.Count));
        Assert.Null(waiting.EmptyAt);
        Assert.NotNull(waiting.HeldBack?.Remedy);
        var (exitCode, output, _) = await gateway.CliAsync("queue");
        Assert.Equal(0, exitCode);
        Assert.Contains("Connect it", output, StringComparison.Ordinal);

        await installation.ConnectAsync();
        await installation.ArrivedAsync(4);
        await GatewayProcess.EventuallyAsync(async () => await gateway.Api.Queue.GetAsync(Cancellation) is { Waiting: 1, Held: 1 } left ? left : null, "only the held message waits");
        Assert.Equal("held", (await gateway.Api.Messages.GetAsync(ids[0], Cancellation)).State);
        var (released, said, error) = await gateway.CliAsync("message", "release", "--state", "held", "--yes");
        Assert.True(released == 0, said + error);
        Assert.Contains("Released 1 message", said, StringComparison.Ordinal);
        await gateway.MessageIsAsync(ids[0], "sent");
        Assert.Equal(0, (await gateway.Api.Queue.GetAsync(Cancellation)).Waiting);
    }

    [Fact]
    public async Task A_message_that_is_given_up_fails_at_once_and_its_sender_is_told()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false);
        var id = await installation.SendAsync();
        var (exitCode, output, error) = await installation.Gateway.CliAsync("message", "expire", id);
        Assert.True(exitCode == 0, output + error);
        await installation.Gateway.MessageIsAsync(id, "failed");
        var report = Assert.Single((await installation.Gateway.Api.Messages.PageAsync(new Client.MessageFilter { State = "queued" }, cancellation: Cancellation)).Items);
        Assert.Equal("report", report.Source);
    }

    // More than are given up at a time, at a provider that could send them at once.
    [Fact]
    public async Task What_is_given_up_in_bulk_is_not_sent_although_its_provider_is_ready()
    {
        await using var installation = await Installation.StartAsync();
        var gateway = installation.Gateway;
        await gateway.Api.Queue.HoldAsync(Cancellation);
        var ids = await installation.SendManyAsync(120);
        var view = await gateway.Api.Queue.GetAsync(Cancellation);
        Assert.NotNull(view.HeldSince);
        Assert.Null(Assert.Single(view.Providers).EmptyAt);
        var route = await gateway.Api.Queue.RouteAsync(new Client.RouteQuestion { From = Installation.Mailbox }, Cancellation);
        Assert.False(route.SendsNow);
        Assert.Contains("All mail is held", route.WaitsWhy, StringComparison.Ordinal);
        foreach (var id in ids)
            await gateway.Api.Messages.ExpireAsync(id, Cancellation);
        await gateway.Api.Queue.ReleaseAsync(Cancellation);
        foreach (var id in ids)
            await gateway.MessageIsAsync(id, "failed");
        Assert.DoesNotContain(installation.Simulator.State.Messages.Read(), message => !message.To.SequenceEqual([Installation.Mailbox]));
    }

    [Fact]
    public async Task What_the_day_has_left_is_used_up_to_the_last_recipient()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(connect: false, with: new JsonObject { ["limits"] = new JsonObject { ["recipientsPerDay"] = 4, ["connections"] = 1, ["messagesPerMinute"] = 0 } });
        await installation.SendManyAsync(9);
        await installation.ConnectAsync();
        await installation.ArrivedAsync(4);
        await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Queue.GetAsync(Cancellation)).Providers is [{ HeldBack.Reason: { } why }] && why.Contains("in any 24 hours", StringComparison.Ordinal) ? why : null, "the day is used up");
        Assert.Equal(4, installation.Simulator.State.Messages.Count);
    }

    [Fact]
    public async Task The_limit_of_a_day_holds_over_a_restart_and_the_wait_says_until_when()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["limits"] = new JsonObject { ["recipientsPerDay"] = 3 } });
        await installation.SendManyAsync(3);
        await installation.ArrivedAsync(3);
        await installation.RestartAsync();
        var id = await installation.SendAsync();
        var waits = await installation.WaitsBecauseAsync(id, "in any 24 hours");
        Assert.Empty(waits.Attempts);
        var queue = Assert.Single((await installation.Gateway.Api.Queue.GetAsync(Cancellation)).Providers);
        Assert.Equal((3, 3), (queue.RecipientsToday, queue.RecipientsPerDay));
        Assert.InRange(queue.EmptyAt!.Value, DateTimeOffset.UtcNow.AddHours(23), DateTimeOffset.UtcNow.AddHours(49));
        Assert.Contains("limit", (await installation.Gateway.Api.Messages.GetAsync(id, Cancellation)).Reply, StringComparison.Ordinal);

        // Whoever may send more says so, and the mail goes.
        await installation.Gateway.Api.Providers.ChangeAsync(Installation.ProviderName,
            new JsonObject { ["limits"] = new JsonObject { ["recipientsPerDay"] = 4 } }, Cancellation);
        await installation.Gateway.MessageIsAsync(id, "sent");
    }

    [Fact]
    public async Task A_queue_leaves_at_the_providers_pace_and_the_provider_never_has_to_say_so()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { ConnectionsPerMailbox = 3, MessagesPerMinute = 120 };
        await installation.AddProviderAsync(with: new JsonObject { ["limits"] = new JsonObject { ["connections"] = 3, ["messagesPerMinute"] = 120 } });
        var began = TimeProvider.System.GetTimestamp();
        await installation.SendManyAsync(40);
        var queue = await GatewayProcess.EventuallyAsync(async () => (await installation.Gateway.Api.Queue.GetAsync(Cancellation)).Providers is [{ SentInLastMinute: > 0 } one] ? one : null, "the queue moves");
        Assert.Equal(120, queue.MessagesPerMinute);
        Assert.True(queue.EmptyAt > DateTimeOffset.UtcNow);
        await installation.ArrivedAsync(40);
        // A quarter of a minute's limit leaves at once, the other ten half a second apart.
        Assert.True(TimeProvider.System.GetElapsedTime(began) > TimeSpan.FromSeconds(4.5));
        var sent = await installation.Gateway.Api.Messages.PageAsync(new Client.MessageFilter { State = "sent" }, 100, cancellation: Cancellation);
        Assert.All(sent.Items, message => Assert.Equal(1, message.AttemptCount));
    }

    [Fact]
    public async Task One_provider_that_hangs_costs_twenty_others_nothing()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        var others = Enumerable.Range(1, 20).Select(number => $"provider{number}").ToList();
        foreach (var name in others)
            await installation.AddProviderAsync(name);
        await installation.AddProviderAsync("hanging", Seed.Alerts);
        installation.Simulator.State.SmtpFaults.Add(new SmtpFault(SmtpStage.Mail, DelayMilliseconds: 600_000, Account: Seed.Alerts));
        for (var lane = 0; lane < 30; lane++)
            await installation.SendAsync(provider: "hanging");
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(installation.Simulator.State.Counters.Read().MaxConnections.GetValueOrDefault(Seed.Alerts) > 10 ? installation : null), "its lanes hang");
        foreach (var name in others)
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => installation.SendAsync(provider: name)));
        await installation.ArrivedAsync(60);
        Assert.All(installation.Simulator.State.Messages.Read(), message => Assert.Equal(Installation.Mailbox, message.Account));
    }

    // T46
    [Fact]
    public async Task One_program_with_a_long_queue_does_not_hold_up_the_single_mail_of_another()
    {
        await using var installation = await Installation.StartAsync(connect: false);
        await installation.AddProviderAsync(with: new JsonObject { ["limits"] = new JsonObject { ["connections"] = 3, ["messagesPerMinute"] = 60 } });
        await installation.SendManyAsync(200, "newsletter@example.org");
        using var smtp = new MailKit.Net.Smtp.SmtpClient();
        await smtp.ConnectAsync("127.0.0.1", installation.Gateway.Smtp.Port, MailKit.Security.SecureSocketOptions.None, Cancellation);
        var began = TimeProvider.System.GetTimestamp();
        await smtp.SendAsync(new MimeKit.MimeMessage([new MimeKit.MailboxAddress("App", Installation.Mailbox)], [new MimeKit.MailboxAddress("Ops", "alarm@example.org")],
            "Alarm", new MimeKit.TextPart("plain") { Text = "Now" }), Cancellation);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(installation.Simulator.State.Messages.Read(0, 300).FirstOrDefault(message => message.To.Contains("alarm@example.org"))), "the alarm arrives");
        // Its place in the minute is a second away at the most, and another program's message may be before it.
        Assert.InRange(TimeProvider.System.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(6));
        Assert.InRange(installation.Simulator.State.Messages.Count, 1, 60);
    }
}
