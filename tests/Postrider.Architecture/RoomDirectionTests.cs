using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using ArchUnitNET.xUnitV3;
using static ArchUnitNET.Fluent.ArchRuleDefinition;

namespace Postrider.Architecture;

/// <summary>Inside a project, too, the path of a message goes one way.</summary>
public sealed class RoomDirectionTests
{
    private static readonly ArchUnitNET.Domain.Architecture Code = new ArchLoader().LoadAssemblies(
        typeof(Postrider.Storage.Database).Assembly, typeof(Postrider.Smtp.SmtpReply).Assembly, typeof(Postrider.Accounts.AccountsOptions).Assembly,
        typeof(Postrider.Mail.MailOptions).Assembly, typeof(Postrider.Server.GatewayApp).Assembly).Build();

    [Theory]
    [InlineData("Postrider.Mail.Queue", "Postrider.Mail.Intake")]
    [InlineData("Postrider.Mail.Queue", "Postrider.Mail.Delivery")]
    [InlineData("Postrider.Mail.Queue", "Postrider.Mail.History")]
    [InlineData("Postrider.Mail.Queue", "Postrider.Mail.Tracking")]
    [InlineData("Postrider.Mail.Intake", "Postrider.Mail.Delivery")]
    [InlineData("Postrider.Mail.Tracking", "Postrider.Mail.Delivery")]
    [InlineData("Postrider.Mail.History", "Postrider.Mail.Delivery")]
    [InlineData("Postrider.Accounts.Failures", "Postrider.Accounts.Tokens")]
    [InlineData("Postrider.Accounts.Failures", "Postrider.Accounts.Providers")]
    [InlineData("Postrider.Server.Submission", "Postrider.Server.Api")]
    public void A_room_does_not_know_the_one_behind_it(string room, string other)
    {
        IArchRuleCheck(Types().That().ResideInNamespace(room).Should().NotDependOnAny(Types().That().ResideInNamespace(other)));
    }

    [Fact]
    public void Only_the_storage_room_knows_the_engine() =>
        IArchRuleCheck(Types().That().ResideInNamespaceMatching(@"^Postrider\.(Accounts|Mail|Server)").Should()
            .NotDependOnAnyTypesThat().ResideInNamespaceMatching(@"^Microsoft\.Data\.Sqlite"));

    private static void IArchRuleCheck(ArchUnitNET.Fluent.IArchRule rule) => rule.Check(Code);
}
