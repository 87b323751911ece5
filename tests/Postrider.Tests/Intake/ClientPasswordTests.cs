using Microsoft.Extensions.Logging.Abstractions;
using Postrider.Mail.Intake;
using Postrider.Mail.Queue;
using Postrider.Storage;

namespace Postrider.Tests.Intake;

/// <summary>The password of a client is typed into printers and passed on command lines.</summary>
public sealed class ClientPasswordTests
{
    [Fact]
    public async Task A_password_is_long_and_made_of_letters_and_digits_that_are_not_confused_and_opens_the_door()
    {
        var directory = Directory.CreateTempSubdirectory("postrider-clients-").FullName;
        await using (var database = await Database.OpenAsync(StorageOptions.ForFile(Path.Combine(directory, "test.db")), TimeProvider.System, NullLogger<Database>.Instance, CancellationToken.None))
        {
            var clients = new ClientDirectory(database, TimeProvider.System);
            var (client, password) = await clients.AddAsync(new Postrider.Mail.Intake.Client
            {
                Id = MessageIds.New(TimeProvider.System), Name = "printer", UserName = "printer", CreatedAt = TimeProvider.System.GetUtcNow(),
            }, CancellationToken.None);
            Assert.Matches("^[a-km-np-z2-9]{28}$", password);
            Assert.Equal(client.Id, clients.Authenticate("PRINTER", password)?.Id);
            Assert.Null(clients.Authenticate("printer", password + "x"));
            Assert.Null(clients.Authenticate("nobody", password));
        }
        Directory.Delete(directory, recursive: true);
    }
}
