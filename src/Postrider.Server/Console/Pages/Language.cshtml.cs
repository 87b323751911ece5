using Microsoft.AspNetCore.Mvc;
using Postrider.Server.Console.Auditing;
using Postrider.Server.Console.Languages;

namespace Postrider.Server.Console.Pages;

/// <summary>Takes the language that was chosen in the foot of a page; it is this browser's, signed in or not.</summary>
internal sealed class LanguageModel : ConsolePage
{
    public IActionResult OnPost(string? code, string? back)
    {
        HttpContext.NoteNothing();
        if (Language.All.FirstOrDefault(language => language.Code == code) is { } chosen)
            LanguageChoice.Keep(HttpContext, chosen);
        return Onwards(back);
    }
}
