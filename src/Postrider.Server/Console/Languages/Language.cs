using System.Globalization;

namespace Postrider.Server.Console.Languages;

/// <summary>A language of the console. This is the one list of them; the program carries the few names and formats that it needs itself,
/// for it runs where no data of cultures is installed.</summary>
/// <param name="Code">As in RFC 5646, such as <c>de</c>.</param>
/// <param name="Name">What the language calls itself.</param>
/// <param name="Culture">How numbers and the names of months are written.</param>
/// <param name="Minute">How a day and a minute of it are written.</param>
/// <param name="Day">The same in full.</param>
internal sealed record Language(string Code, string Name, CultureInfo Culture, string Minute, string Day)
{
    public static readonly Language English = new("en", "English", Made("en", ",", ".", CultureInfo.InvariantCulture.DateTimeFormat.MonthNames, CultureInfo.InvariantCulture.DateTimeFormat.AbbreviatedDayNames), "yyyy-MM-dd HH:mm", "d MMMM yyyy, HH:mm");

    public static readonly Language German = new("de", "Deutsch",
        Made("de", ".", ",", ["Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember", ""], ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"]), "dd.MM.yyyy HH:mm", "d. MMMM yyyy, HH:mm");

    /// <summary>Those that are offered; the first is the one for who asks for none of them.</summary>
    public static readonly IReadOnlyList<Language> All = [English, German];

    /// <summary>The viewer's; English outside of requests.</summary>
    public static Language Current => CultureInfo.CurrentUICulture.Name is var name && name == German.Code ? German : English;

    /// <summary>What the texts of this language are; null for the one that they are written in.</summary>
    public Texts? Texts => texts ??= this == English ? null : new Texts(Code);

    private Texts? texts;

    private static CultureInfo Made(string code, string group, string point, string[] months, string[] days) => CultureInfo.ReadOnly(new CultureInfo(code)
    {
        NumberFormat = { NumberGroupSeparator = group, NumberDecimalSeparator = point },
        DateTimeFormat = { MonthNames = months, MonthGenitiveNames = months, AbbreviatedDayNames = days },
    });
}
