using System.Text;
using MimeKit;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Transport;

/// <summary>What the provider's server cannot take: it gets another form of the same words, or the message fails with the reason.</summary>
public sealed class LackingServerTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // T32
    [Fact]
    public async Task A_message_larger_than_the_server_takes_fails_with_the_reason_and_nothing_of_it_is_sent()
    {
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { MaxMessageBytes = 20_000 };
        var id = (await installation.Gateway.Api.Messages.SendAsync(new SendMessage
        {
            From = Installation.Mailbox, To = ["someone@example.org"], Subject = "Large", Text = string.Concat(Enumerable.Repeat("A line of a large message\r\n", 4000)),
        }, cancellation: Token)).Id;
        var failed = await installation.Gateway.MessageIsAsync(id, "failed");
        Assert.StartsWith("552 5.3.4", failed.Recipients[0].Reply, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(failed.Recipients[0].Remedy));
        // Its sender is told, and that is all that arrives.
        await installation.ArrivedAsync(1);
        await Crashes.Arrivals.QueueIsEmptyAsync(installation.Gateway, Token);
        Assert.Equal([Installation.Mailbox], Assert.Single(installation.Simulator.State.Messages.Read()).To);
    }

    // T41
    [Fact]
    public async Task Without_8BITMIME_and_SMTPUTF8_the_same_words_arrive_in_7_bits_and_an_address_that_needs_more_fails_with_the_reason()
    {
        await using var installation = await Installation.StartAsync();
        installation.Simulator.State.Smtp = installation.Simulator.State.Smtp with { Hide = ["8BITMIME", "SMTPUTF8", "BINARYMIME", "CHUNKING"] };
        var octets = Encoding.UTF8.GetBytes($"From: {Installation.Mailbox}\r\nTo: someone@xn--bcher-kva.example\r\nSubject: Eight bits\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße aus Köln\r\n");
        using var content = new ByteArrayContent(octets) { Headers = { { "Content-Type", "message/rfc822" } } };
        using (var accepted = await installation.Gateway.Http.PostAsync(new Uri($"api/v1/messages?from={Installation.Mailbox}&to={Uri.EscapeDataString("someone@bücher.example")}", UriKind.Relative), content, Token))
            Assert.True(accepted.IsSuccessStatusCode, await accepted.Content.ReadAsStringAsync(Token));
        await installation.ArrivedAsync(1);
        var arrived = Assert.Single(installation.Simulator.State.Messages.Read());
        Assert.Equal(["someone@xn--bcher-kva.example"], arrived.To);
        var raw = installation.Simulator.State.Messages.Raw(arrived.Id)!;
        Assert.DoesNotContain(raw, octet => octet > 127);
        Assert.Equal("Grüße aus Köln", (await MimeMessage.LoadAsync(new MemoryStream(raw), Token)).TextBody?.TrimEnd());

        var failed = await installation.Gateway.MessageIsAsync(await installation.SendAsync("jürgen@example.org"), "failed");
        Assert.StartsWith("553 5.6.7", failed.Recipients[0].Reply, StringComparison.Ordinal);
        Assert.False(string.IsNullOrEmpty(failed.Recipients[0].Remedy));
    }
}
