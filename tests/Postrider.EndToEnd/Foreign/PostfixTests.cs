using System.Text.Json.Nodes;
using Postrider.Client;
using Postrider.EndToEnd.Running;

namespace Postrider.EndToEnd.Foreign;

/// <summary>A provider of type <c>password</c> whose server is Postfix, a smart host behind STARTTLS.</summary>
public sealed class PostfixTests : ForeignServerTests
{
    [Theory]
    [InlineData("plain")]
    [InlineData("login")]
    public async Task A_wrong_password_holds_the_mail_and_the_right_one_lets_it_go(string mechanism)
    {
        await using var postfix = await PostfixSmartHost.StartAsync(Authority, mechanism, Sink.Port);
        await AddProviderAsync(postfix.Port, "wrong");
        var original = AwkwardMail.Write("held");
        await SmtpDialogue.SendAsync(Installation.Gateway.Smtp, "app@contoso.example", "someone@example.org", original);

        var provider = await GatewayProcess.EventuallyAsync(async () =>
            await Installation.ProviderAsync("smarthost") is var now && now["state"]!.GetValue<string>() == "needsAttention" ? now : null, "the provider needs attention");
        Assert.Contains("535 5.7.8", provider["stateReason"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("password", provider["remedy"]!.GetValue<string>(), StringComparison.OrdinalIgnoreCase);
        await Installation.Gateway.MessageIsAsync((await OnlyMessageAsync()).Id, "queued");
        Assert.Empty(Sink.Messages());

        await Installation.Gateway.Api.Providers.ChangeAsync("smarthost", new JsonObject { ["password"] = DovecotPasswords.Password }, TestContext.Current.CancellationToken);
        AwkwardMail.AssertOnlyTrace(await Sink.ArrivesAsync(original));
        await postfix.SaysAsync($"sasl_method={mechanism.ToUpperInvariant()}, sasl_username={DovecotPasswords.User}");
        await postfix.SaysAsync("TLS connection established from");
        await Installation.Gateway.MessageIsAsync((await OnlyMessageAsync()).Id, "sent");
        Assert.Equal("ready", (await Installation.ProviderAsync("smarthost"))["state"]!.GetValue<string>());
    }

    [Fact]
    public async Task A_recipient_that_Postfix_refuses_fails_alone()
    {
        await using var postfix = await PostfixSmartHost.StartAsync(Authority, "plain login", Sink.Port);
        await AddProviderAsync(postfix.Port, DovecotPasswords.Password);
        var accepted = await Installation.Gateway.Api.Messages.SendAsync(
            new SendMessage { From = "app@contoso.example", To = ["someone@example.org", PostfixSmartHost.Unknown], Subject = "To two", Text = "Hello" },
            cancellation: TestContext.Current.CancellationToken);

        var message = await Installation.Gateway.MessageIsAsync(accepted.Id, "failed");
        Assert.Equal("sent", message.Recipients.Single(recipient => recipient.Address == "someone@example.org").State);
        Assert.StartsWith("550 5.1.1", message.Recipients.Single(recipient => recipient.Address == PostfixSmartHost.Unknown).Reply, StringComparison.Ordinal);
        await GatewayProcess.EventuallyAsync(() => Task.FromResult(
            Sink.Messages().FirstOrDefault(text => text.Contains("Subject: To two", StringComparison.Ordinal))), "the other recipient's copy arrives");
    }

    private Task<JsonObject> AddProviderAsync(int port, string password) => Installation.Gateway.Api.Providers.AddAsync(new JsonObject
    {
        ["name"] = "smarthost", ["type"] = "password", ["address"] = "localhost", ["port"] = port, ["security"] = "startTls",
        ["userName"] = DovecotPasswords.User, ["password"] = password,
    }, TestContext.Current.CancellationToken);

    private async Task<MessageSummary> OnlyMessageAsync() =>
        Assert.Single((await Installation.Gateway.Api.Messages.PageAsync(new MessageFilter(), cancellation: TestContext.Current.CancellationToken)).Items);
}
