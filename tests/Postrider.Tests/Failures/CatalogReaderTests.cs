using System.Text.Json;
using Postrider.Accounts.Failures;

namespace Postrider.Tests.Failures;

public sealed class CatalogReaderTests
{
    [Fact]
    public void An_id_used_twice_is_refused() => Refused("the id one is used twice", Entry("one"), Entry("one"));

    [Fact]
    public void A_number_used_twice_is_refused() =>
        Refused("the AADSTS number 50011 is used twice", Entry("one", """{"aadsts":[50011]}"""), Entry("two", """{"aadsts":[50011]}"""));

    [Fact]
    public void A_broken_pattern_is_refused() => Refused("entry one", Entry("one", """{"text":"("}"""));

    [Fact]
    public void A_broken_enhanced_code_is_refused() =>
        Refused("\"5.7\" is not an enhanced status code", Entry("one", """{"enhanced":["5.7"]}"""));

    [Fact]
    public void An_unknown_placeholder_is_refused() => Refused("no placeholder is called moon", Entry("one", cause: "The {moon}."));

    [Fact]
    public void A_misspelt_member_is_refused() =>
        Assert.Throws<JsonException>(() => FailureCatalogReader.Read(Catalog(Entry("one", """{"enhansed":[]}"""))));

    private static void Refused(string why, params string[] entries) =>
        Assert.Contains(why, Assert.Throws<InvalidDataException>(() => FailureCatalogReader.Read(Catalog(entries))).Message, StringComparison.Ordinal);

    private static string Catalog(params string[] entries) =>
        $$"""[{"title":"T","intro":"I","provider":"any","where":"oauth","entries":[{{string.Join(',', entries)}}]}]""";

    private static string Entry(string id, string match = "{}", string cause = "C.") =>
        $$"""{"id":"{{id}}","title":"T","match":{{match}},"cause":"{{cause}}","remedy":"R.","class":"transient","evidence":"D","example":"x: y"}""";
}
