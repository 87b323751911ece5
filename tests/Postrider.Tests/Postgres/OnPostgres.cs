using Postrider.Tests.Accounts;
using Postrider.Tests.Alerts;
using Postrider.Tests.Console;
using Postrider.Tests.Mail;
using Postrider.Tests.Tracking;
using Postrider.Tests.Trends;

namespace Postrider.Tests.Postgres;

// What holds on one engine holds on the other: the same tests, word for word.
public sealed class ExpiryTestsOnPostgres : ExpiryTests, IOnPostgres;
public sealed class FailureNoticeTestsOnPostgres : FailureNoticeTests, IOnPostgres;
public sealed class HeldTestsOnPostgres : HeldTests, IOnPostgres;
public sealed class HistoryTestsOnPostgres : HistoryTests, IOnPostgres;
public sealed class IdempotencyKeyTestsOnPostgres : IdempotencyKeyTests, IOnPostgres;
public sealed class LeaseTestsOnPostgres : LeaseTests, IOnPostgres;
public sealed class MarkAheadTestsOnPostgres : MarkAheadTests, IOnPostgres;
public sealed class OperatorTestsOnPostgres : OperatorTests, IOnPostgres;
public sealed class OutcomeTestsOnPostgres : OutcomeTests, IOnPostgres;
public sealed class RetentionTestsOnPostgres : RetentionTests, IOnPostgres;
public sealed class SharerTestsOnPostgres : SharerTests, IOnPostgres;
public sealed class NodesTestsOnPostgres : NodesTests, IOnPostgres;
public sealed class AuditChainTestsOnPostgres : AuditChainTests, IOnPostgres;
public sealed class SuspectTestsOnPostgres : SuspectTests, IOnPostgres;
public sealed class PermitTestsOnPostgres : PermitTests, IOnPostgres;
public sealed class GroupCommitTestsOnPostgres : GroupCommitTests, IOnPostgres;
public sealed class FreshMessagesTestsOnPostgres : FreshMessagesTests, IOnPostgres;
public sealed class SecretRotationTestsOnPostgres : SecretRotationTests, IOnPostgres;
public sealed class SecretEndsTestsOnPostgres : SecretEndsTests, IOnPostgres;
public sealed class TokenKeeperTestsOnPostgres : TokenKeeperTests, IOnPostgres;
public sealed class IncidentTestsOnPostgres : IncidentTests, IOnPostgres;
public sealed class AlertMailTestsOnPostgres : AlertMailTests, IOnPostgres;
public sealed class LongActTestsOnPostgres : LongActTests, IOnPostgres;
public sealed class TrendTestsOnPostgres : TrendTests, IOnPostgres;
public sealed class WebhookTestsOnPostgres : WebhookTests, IOnPostgres;
public sealed class ConsentFlowTestsOnPostgres : ConsentFlowTests, IOnPostgres;
public sealed class SuppressionTestsOnPostgres : SuppressionTests, IOnPostgres;
public sealed class ReportTestsOnPostgres : ReportTests, IOnPostgres;
public sealed class StatementTestsOnPostgres : StatementTests, IOnPostgres;
