using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Postrider.Storage;

namespace Postrider.Accounts.Tokens;

/// <summary>The key ring in the database, where nodes share it: what one of them seals, every other can open.</summary>
internal sealed class DatabaseKeyRing(Database database, TimeProvider time) : IXmlRepository
{
    // The framework asks without waiting for an answer that comes later, at the start and then once a day.
    public IReadOnlyCollection<XElement> GetAllElements() =>
        [.. Complete(database.ReadAsync(session => session.QueryAsync<string>("select xml from key_ring order by created_at"))).Select(xml => XElement.Parse(xml))];

    public void StoreElement(XElement element, string friendlyName) =>
        Complete(database.WriteAsync(session => session.ExecuteAsync(
            "insert into key_ring (name, xml, created_at) values (@friendlyName, @xml, @now)",
            new { friendlyName, xml = element.ToString(SaveOptions.DisableFormatting), now = time.GetUtcNow().ToUnixTimeMilliseconds() })));

    private static T Complete<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
