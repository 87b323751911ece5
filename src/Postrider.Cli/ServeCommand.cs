using System.CommandLine;
using Postrider.Server;

namespace Postrider.Cli;

/// <summary>Runs the gateway in the foreground.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Http = Text("--http", "host:port", "Where the console and the HTTP interface listen (default 127.0.0.1:8080).");
    private static readonly Option<string?> Smtp = Text("--smtp", "host:port", "Where applications hand in mail (default 127.0.0.1:2525).");
    private static readonly Option<string?> Smtps = Text("--smtps", "host:port", "The same with TLS from the first byte.");
    private static readonly Option<string?> Database = Text("--database", "connection string", "Connection string of PostgreSQL (Host=…;Database=… or postgres://…), or of an SQLite database elsewhere; the data directory's own by default.");
    private static readonly Option<string?> Certificate = Text("--smtp-certificate", "file", "Certificate of the SMTP doors, PEM.");
    private static readonly Option<string?> CertificateKey = Text("--smtp-certificate-key", "file", "Its private key, PEM.");

    public static Command Create()
    {
        var serve = new Verb("serve", "Run the gateway. Prints 'ready …' when every door is open; SIGTERM or Ctrl-C stops it cleanly.",
            "serve --data ./postrider-data",
            "serve --data /var/lib/postrider --http 0.0.0.0:8080 --smtp 0.0.0.0:587 --smtp-certificate mail.pem --smtp-certificate-key mail.key")
            .Does(RunAsync);
        foreach (var option in new[] { Http, Smtp, Smtps, Database, Certificate, CertificateKey })
            serve.Add(option);
        return serve;
    }

    private static Task<int> RunAsync(Call call) => GatewayApp.RunAsync(
        new GatewayArguments
        {
            Data = call.Get(GlobalOptions.Data) ?? call.Terminal.Variable("POSTRIDER_DATA"),
            Http = call.Get(Http),
            Smtp = call.Get(Smtp),
            Smtps = call.Get(Smtps),
            Database = call.Get(Database),
            SmtpCertificate = call.Get(Certificate),
            SmtpCertificateKey = call.Get(CertificateKey),
        },
        call.Cancellation);

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { HelpName = value, Description = description };
}
