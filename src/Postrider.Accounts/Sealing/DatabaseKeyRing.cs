using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Postrider.Storage;

namespace Postrider.Accounts.Sealing;

/// <summary>The key ring in the database, where nodes share it: what one of them seals, every other can open.</summary>
internal sealed class DatabaseKeyRing(Database database, TimeProvider time) : IDeletableXmlRepository
{
    // The framework asks without waiting for an answer that comes later.
    public IReadOnlyCollection<XElement> GetAllElements() => [.. Rows().Select(row => XElement.Parse(row.Xml))];

    public void StoreElement(XElement element, string friendlyName) =>
        Complete(database.WriteAsync(session => session.ExecuteAsync(
            "insert into key_ring (name, xml, created_at) values (@friendlyName, @xml, @now)",
            new { friendlyName, xml = element.ToString(SaveOptions.DisableFormatting), now = time.GetUtcNow().ToUnixTimeMilliseconds() })));

    public bool DeleteElements(Action<IReadOnlyCollection<IDeletableElement>> chooseElements)
    {
        var elements = Rows().Select(row => new Deletable(row.Name, XElement.Parse(row.Xml))).ToList();
        chooseElements(elements);
        var names = elements.Where(element => element.DeletionOrder is not null).OrderBy(element => element.DeletionOrder).Select(element => element.Name).ToList();
        Complete(database.WriteAsync(async session =>
        {
            foreach (var name in names)
                await session.ExecuteAsync("delete from key_ring where name = @name", new { name });
        }));
        return true;
    }

    private IReadOnlyList<Row> Rows() => Complete(database.ReadAsync(session => session.QueryAsync<Row>("select name, xml from key_ring order by created_at")));

    private static T Complete<T>(Task<T> task) => task.GetAwaiter().GetResult();
    private static void Complete(Task task) => task.GetAwaiter().GetResult();

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Xml { get; init; } = "";
    }

    private sealed record Deletable(string Name, XElement Element) : IDeletableElement
    {
        public int? DeletionOrder { get; set; }
    }
}
