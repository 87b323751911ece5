using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Options;
using Postrider.Mail;
using Postrider.Mail.Intake;

namespace Postrider.Server.Submission;

/// <summary>The SMTP door (RFC 6409): a session for each connection, and the limits over all of them.</summary>
internal sealed class SubmissionHandler(
    ClientDirectory clients, MessageIntake intake, AuthThrottle throttle, SubmissionCertificate certificate, GatewayName name,
    TimeProvider time, IOptions<SubmissionOptions> options, IOptions<MailOptions> mail, ILogger<SubmissionHandler> log) : ConnectionHandler
{
    private readonly ConcurrentDictionary<IPAddress, int> byAddress = new();
    private int connections;

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        SubmissionMeters.Connections.Add(1);
        var fromHere = byAddress.AddOrUpdate(address, 1, (_, count) => count + 1);
        try
        {
            if (Interlocked.Increment(ref connections) > options.Value.MaxConnections || fromHere > options.Value.MaxConnectionsPerAddress)
            {
                SubmissionLog.TooManyConnections(log, address, connections);
                await TurnAwayAsync(connection.Transport.Output);
                return;
            }
            using var session = new SmtpSession(connection, clients, intake, throttle, certificate, name.Value, time, options.Value, mail.Value, log)
            {
                IsTls = connection.Features.Get<ITlsHandshakeFeature>() is not null,
            };
            await session.RunAsync();
        }
        catch (Exception gone) when (gone is IOException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            // The client went away or was too slow; whatever it had not finished was never accepted.
        }
        catch (Exception unexpected)
        {
            SubmissionLog.SessionFailed(log, unexpected, address);
        }
        finally
        {
            SubmissionMeters.Connections.Add(-1);
            Interlocked.Decrement(ref connections);
            if (byAddress.AddOrUpdate(address, 0, (_, count) => count - 1) <= 0)
                byAddress.TryRemove(KeyValuePair.Create(address, 0));
        }
    }

    private async Task TurnAwayAsync(PipeWriter output)
    {
        await output.WriteAsync(Encoding.ASCII.GetBytes($"421 4.3.2 {name.Value} has too many connections, try again later\r\n"));
        await output.FlushAsync();
    }
}
