using System.Globalization;
using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

/// <summary>What a bare code means at each stage. T transient, C configuration, A authentication, P permanent;
/// s session, a account, m message, r recipient.</summary>
public sealed class ReplyMatrixTests
{
    private const string Matrix = """
              Connect Tls Greeting Ehlo Auth Mail Rcpt Data Final Reset
        421   Ts      Ts  Ts       Ts   Ts   Ts   Ts   Ts   Ts    Ts
        450   Ts      Ts  Ts       Ts   Ta   Tm   Tr   Tm   Tm    Ts
        452   Ts      Ts  Ts       Ts   Ta   Tm   Tr   Tm   Tm    Ts
        454   Ts      Ta  Ts       Ts   Ta   Tm   Tr   Tm   Tm    Ts
        500   Ca      Ca  Ts       Ts   Ts   Ts   Ts   Ts   Ts    Ts
        530   Aa      Aa  Aa       Aa   Aa   Aa   Aa   Aa   Aa    Aa
        535   Aa      Aa  Aa       Aa   Aa   Aa   Aa   Aa   Aa    Aa
        550   Ca      Ca  Ca       Ca   Ca   Pm   Pr   Pm   Pm    Ts
        552   Ca      Ca  Ca       Ca   Ca   Pm   Pr   Pm   Pm    Ts
        """;

    public static TheoryData<int, SmtpStage, string> Cells
    {
        get
        {
            var rows = Matrix.Split('\n').Select(row => row.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
            var cells = new TheoryData<int, SmtpStage, string>();
            foreach (var row in rows[1..])
                foreach (var (stage, action) in rows[0].Zip(row[1..]))
                    cells.Add(int.Parse(row[0], CultureInfo.InvariantCulture), Enum.Parse<SmtpStage>(stage), action);
            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void A_bare_code_means_what_its_stage_says(int code, SmtpStage stage, string action)
    {
        foreach (var provider in new[] { "microsoft", "google", "oauth2", "password" })
        {
            var failure = FailureCatalog.Default.ForReply(provider, stage, code, null, "no");
            Assert.Equal(action, $"{failure.Class}"[..1] + char.ToLowerInvariant($"{failure.Scope}"[0]));
        }
    }

    [Fact]
    public void The_matrix_is_whole() => Assert.Equal(90, Cells.Count);

    [Theory]
    [InlineData(SmtpStage.Rcpt, 550, "5.7.1", FailureScope.Recipient)]
    [InlineData(SmtpStage.Final, 550, "5.7.1", FailureScope.Message)]
    [InlineData(SmtpStage.Rcpt, 550, "5.1.1", FailureScope.Recipient)]
    [InlineData(SmtpStage.Final, 550, "5.1.1", FailureScope.Message)]
    [InlineData(SmtpStage.Rcpt, 452, "4.5.3", FailureScope.Recipient)]
    public void Only_a_reply_to_RCPT_can_single_out_a_recipient(SmtpStage stage, int code, string enhanced, FailureScope scope) =>
        Assert.Equal(scope, FailureCatalog.Default.ForReply("oauth2", stage, code, enhanced, "no").Scope);
}
