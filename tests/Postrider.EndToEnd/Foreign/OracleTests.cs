using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using MailKit.Security;
using Postrider.EndToEnd.Running;
using Postrider.Simulator;
using Postrider.Smtp;

namespace Postrider.EndToEnd.Foreign;

/// <summary>The same messages through our sending session and through MailKit, to the same server: what arrives is the same, and what was handed in.</summary>
public sealed class OracleTests : IDisposable
{
    internal const string EnvelopeId = "id+1=x";

    private readonly SignedMail signed = new();
    private readonly ServerDirectory directory = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("PIPELINING")]
    [InlineData("CHUNKING,BINARYMIME")]
    [InlineData("CHUNKING,BINARYMIME,PIPELINING")]
    [InlineData("CHUNKING,BINARYMIME,SIZE,DSN,ENHANCEDSTATUSCODES")]
    public async Task What_arrives_at_the_simulator_is_the_same_octet_for_octet_with_its_envelope(string hidden)
    {
        await using var simulator = await StartAsync(hidden);
        var corpus = Corpus.Write(signed);
        await SendBothAsync(simulator, corpus);
        var arrived = new Queue<ReceivedMessage>(simulator.State.Messages.Read());
        Assert.Equal(corpus.Count + corpus.Count(sample => sample.IsMessage), arrived.Count);
        foreach (var sample in corpus)
        {
            var ours = arrived.Dequeue();
            Assert.True(simulator.State.Messages.Raw(ours.Id).AsSpan().SequenceEqual(ours.Chunked ? sample.Bytes : sample.WithLineEnd), $"{sample} was changed");
            Assert.Equal(!hidden.Contains("CHUNKING", StringComparison.Ordinal), ours.Chunked);
            Assert.Equal(sample.From ?? "", ours.From);
            Assert.Equal(sample.Recipients, ours.To);
            if (!sample.IsMessage)
                continue;
            var theirs = arrived.Dequeue();
            Assert.True(simulator.State.Messages.Raw(theirs.Id).AsSpan().SequenceEqual(sample.WithLineEnd), $"MailKit changed {sample}");
            Assert.Equal((theirs.From, string.Join(' ', theirs.To)), (ours.From, string.Join(' ', ours.To)));
            AssertSame(sample, Parameters(theirs.MailParameters, sample), Parameters(ours.MailParameters, sample));
            // ORCPT in ASCII cannot hold an address beyond it (RFC 6533 section 3), and ours says none.
            if (!sample.IsInternational)
                Assert.Equal(theirs.RecipientParameters, ours.RecipientParameters);
        }
    }

    [Fact]
    public async Task Binary_content_arrives_the_same()
    {
        await using var simulator = await StartAsync("");
        await SendBothAsync(simulator, Corpus.Binary);
        var arrived = simulator.State.Messages.Read();
        foreach (var (at, sample) in Corpus.Binary.Index())
            foreach (var message in new[] { arrived[2 * at], arrived[2 * at + 1] })
            {
                Assert.True(simulator.State.Messages.Raw(message.Id).AsSpan().SequenceEqual(sample.Bytes), $"{sample} was changed");
                Assert.True(message.Chunked);
                Assert.Contains("BODY=BINARYMIME", message.MailParameters, StringComparison.Ordinal);
            }
    }

    [Fact]
    public async Task Several_in_one_write_arrive_as_each_alone()
    {
        await using var simulator = await StartAsync("");
        var small = Corpus.Write(signed).Where(sample => sample.Bytes.Length <= SmtpClientSession.LargestInTrain && !sample.IsInternational).ToList();
        await using (var ours = await OursAsync(simulator.SmtpPort, new SmtpCredential.OAuth(Seed.NoReply, await TokenAsync(simulator))))
            foreach (var train in small.Chunk(4))
                Assert.All(await ours.SendTrainAsync([.. train.Select(sample => (EnvelopeOf(sample), MessageContent.FromMemory(sample.Bytes)))], Yes, Cancellation), result => Assert.Equal(SendState.Completed, result.State));
        Assert.Equal(small.Count, simulator.State.Messages.Count);
        foreach (var (at, message) in simulator.State.Messages.Read().Index())
        {
            Assert.True(simulator.State.Messages.Raw(message.Id).AsSpan().SequenceEqual(small[at].Bytes), $"{small[at]} was changed");
            Assert.Equal(small[at].Recipients, message.To);
        }
    }

    [Fact]
    public async Task What_passes_Postfix_and_Exim_is_the_same()
    {
        var authority = new TestAuthority(directory);
        await using var sink = await SmtpSink.StartAsync();
        await using var postfix = await PostfixSmartHost.StartAsync(authority, "plain", sink.Port, ["", "chunking", "chunking,pipelining", "pipelining,dsn,size"]);
        await using var exim = await EximSmartHost.StartAsync(authority, sink.Port);
        foreach (var port in postfix.Ports.Append(exim.Port).Append(exim.PlainPort))
            await PassesAsync(sink, port, new SmtpCredential.Password(DovecotPasswords.User, DovecotPasswords.Password), new SaslMechanismPlain(DovecotPasswords.User, DovecotPasswords.Password));
    }

    [Fact]
    public async Task What_passes_Dovecot_is_the_same()
    {
        await using var simulator = await StartAsync("");
        await using var sink = await SmtpSink.StartAsync();
        await using var dovecot = await DovecotSubmission.StartAsync(new TestAuthority(directory), new Uri(simulator.HttpUrl, $"{Seed.TenantId}/oauth2/v2.0/introspect"), sink.Port, "xoauth2");
        var token = await TokenAsync(simulator);
        await PassesAsync(sink, dovecot.Port, new SmtpCredential.OAuth(Seed.NoReply, token), new OracleClient.TwoSteps(Seed.NoReply, token));
    }

    private async Task PassesAsync(SmtpSink sink, int port, SmtpCredential credential, SaslMechanism mechanism)
    {
        var corpus = Corpus.Write(signed).Where(sample => sample is { IsOrdinary: true, LacksLineEnd: false }).ToList();
        var before = sink.Messages().Count;
        await using (var ours = await OursAsync(port, credential))
        using (var theirs = await OracleClient.ConnectAsync(port, mechanism, Cancellation))
            foreach (var sample in corpus)
            {
                await SendAsync(ours, sample);
                await theirs.SendAsync(sample, Cancellation);
            }
        var arrived = await GatewayProcess.EventuallyAsync(() => Task.FromResult(sink.Messages() is var all && all.Count == before + 2 * corpus.Count ? all : null), $"{2 * corpus.Count} messages arrive through {port}");
        foreach (var sample in corpus)
        {
            // smtp-sink writes LF for CRLF and adds an empty line.
            var below = "\n" + Encoding.Latin1.GetString(sample.Bytes).Replace("\r\n", "\n", StringComparison.Ordinal) + "\n";
            var both = arrived.Where(text => text.EndsWith(below, StringComparison.Ordinal)).ToList();
            Assert.True(both.Count > 0 && both.Count % 2 == 0, $"{sample} arrived {both.Count} times");
            var envelopes = both.Select(text => string.Join('\n', text.Split('\n').TakeWhile(line => line.StartsWith("X-", StringComparison.Ordinal)).Where(line => line.StartsWith("X-Rcpt-Args: ", StringComparison.Ordinal) || line.StartsWith("X-Mail-Args: ", StringComparison.Ordinal)))).ToList();
            Assert.All(envelopes, envelope => Assert.Contains($"<{sample.Recipients[0]}>", envelope, StringComparison.Ordinal));
            Assert.All(envelopes.Chunk(2), pair => Assert.Equal(pair[0], pair[1]));
        }
    }

    private static async Task SendBothAsync(SimulatorApp simulator, IReadOnlyList<Sample> corpus)
    {
        var token = await TokenAsync(simulator);
        await using var ours = await OursAsync(simulator.SmtpPort, new SmtpCredential.OAuth(Seed.NoReply, token));
        using var theirs = await OracleClient.ConnectAsync(simulator.SmtpPort, new OracleClient.TwoSteps(Seed.NoReply, token), Cancellation);
        foreach (var sample in corpus)
        {
            await SendAsync(ours, sample);
            if (sample.IsMessage)
                await theirs.SendAsync(sample, Cancellation);
        }
    }

    private static async Task SendAsync(SmtpClientSession session, Sample sample)
    {
        var result = await session.SendAsync(EnvelopeOf(sample), MessageContent.FromMemory(sample.Bytes), Yes, Cancellation);
        Assert.True(result.State == SendState.Completed, $"{sample}: {result}");
        Assert.All(result.RecipientReplies, reply => Assert.True(reply!.IsPositive, $"{sample}: {reply}"));
    }

    private static Envelope EnvelopeOf(Sample sample) => new(sample.From, sample.Recipients, sample.IsInternational,
        new EnvelopeReports(DsnReturn.Headers, EnvelopeId, DsnNotify.Failure | DsnNotify.Delay, sample.Recipients));

    private static ValueTask<bool> Yes(CancellationToken cancellation) => ValueTask.FromResult(true);

    private static async Task<SmtpClientSession> OursAsync(int port, SmtpCredential credential)
    {
        var options = new SmtpClientOptions { LocalName = "client.example", AdditionalRoots = [X509CertificateLoader.LoadCertificateFromFile(Trust.AuthorityFile)] };
        var session = await SmtpClientSession.ConnectAsync(new("localhost", port, SmtpSecurity.StartTls), options, Cancellation);
        Assert.True((await session.AuthenticateAsync(credential, Cancellation)).IsPositive);
        return session;
    }

    /// <summary>A simulator that takes mail of anybody, whatever it looks like.</summary>
    private static Task<SimulatorApp> StartAsync(string hidden) => SimulatorApp.StartAsync(new SimulatorOptions
    {
        CertificateDirectory = Trust.Folder,
        SmtpSettings = new SmtpSettings { CheckSender = false, CheckFromHeader = false, Hide = hidden.Split(',', StringSplitOptions.RemoveEmptyEntries) },
    }, Cancellation);

    private static async Task<string> TokenAsync(SimulatorApp simulator)
    {
        const string redirect = "http://127.0.0.1:5555/oauth/callback", verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        var landed = simulator.Consent($"{simulator.HttpUrl}{Seed.TenantDomain}/oauth2/v2.0/authorize?client_id={Seed.ClientId}&response_type=code&redirect_uri={Uri.EscapeDataString(redirect)}"
            + $"&scope={Uri.EscapeDataString("https://outlook.office.com/SMTP.Send offline_access")}&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256&state=s", Seed.NoReply);
        using var http = new HttpClient();
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["client_id"] = Seed.ClientId.ToString(), ["client_secret"] = Seed.ClientSecret,
            ["redirect_uri"] = redirect, ["code_verifier"] = verifier, ["code"] = System.Web.HttpUtility.ParseQueryString(landed.Query)["code"]!,
        });
        using var answer = await http.PostAsync(new Uri(simulator.HttpUrl, $"{Seed.TenantId}/oauth2/v2.0/token"), form, Cancellation);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>(Cancellation))!["access_token"]!.GetValue<string>();
    }

    /// <summary>In any order. The size counts the line end that DATA adds.</summary>
    private static IEnumerable<string> Parameters(string parameters, Sample sample) =>
        parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Where(word => !sample.LacksLineEnd || !word.StartsWith("SIZE=", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    private static void AssertSame(Sample sample, IEnumerable<string> theirs, IEnumerable<string> ours) =>
        Assert.Equal($"{sample}: {string.Join(' ', theirs)}", $"{sample}: {string.Join(' ', ours)}");

    public void Dispose()
    {
        signed.Dispose();
        directory.Dispose();
    }
}
