using System.Text.RegularExpressions;

namespace Postrider.Architecture;

/// <summary>The visible text of a Razor page: what stands between tags, and in the attributes that people see or hear.</summary>
internal static partial class PageTexts
{
    /// <summary>Names that are the same in every language.</summary>
    private static readonly string[] Names = ["Postrider", "Postfix", "curl", ".NET", ".NET (MailKit)", "SMTP", "HTTP", "OAuth", "ms", "postrider console-link", "NET", "NET (MailKit", "Enter", "GET /api/v1/messages/", "Submission:Certificate, Submission:CertificateKey"];

    private static readonly string[] Keywords = ["else", "break", "default", "return", "case", "text"];

    public static IEnumerable<string> Unsaid(string page)
    {
        var html = WithoutExpressions(Directive().Replace(page, ""));
        return Between().Matches(html).SelectMany(match => match.Groups[1].Value.Split('{', '}', '\n'))
            .Concat(Attribute().Matches(html).Select(match => match.Groups[1].Value))
            .Select(text => System.Net.WebUtility.HtmlDecode(text).Trim(' ', '·', '.', ',', ':', '>', '›', '…', '(', ')'))
            .Where(text => Word().IsMatch(text) && !Names.Contains(text) && !Code().IsMatch(text) && !Keywords.Contains(text.Split(' ')[0]));
    }

    /// <summary>What begins with <c>@</c> is code: an expression, or the head of a statement.</summary>
    private static string WithoutExpressions(string page)
    {
        var left = new System.Text.StringBuilder();
        for (var at = 0; at < page.Length;)
        {
            if (Branch().Match(page, at) is { Success: true, Index: var head } branch && head == at)
            {
                at = Closed(page, at + branch.Length - 1);
                continue;
            }
            if (page[at] != '@')
            {
                left.Append(page[at++]);
                continue;
            }
            at = page[at + 1] is '(' or '{' ? Closed(page, at + 1) : AfterName(page, at + 1);
        }
        return left.ToString();
    }

    private static int AfterName(string page, int at)
    {
        while (true)
        {
            while (at < page.Length && (char.IsLetterOrDigit(page[at]) || page[at] is '_' or '!'))
                at++;
            var next = at;
            while (next < page.Length && page[next] == ' ' && StatementHead().IsMatch(page[..at]))
                next++;
            if (next < page.Length && page[next] is '(' or '[')
                at = Closed(page, next);
            else if (at + 1 < page.Length && page[at] is '.' or '?' && (char.IsLetter(page[at + 1]) || page[at + 1] == '.'))
                at++;
            else
                return at;
        }
    }

    /// <returns>The place after the bracket that closes the one at this place.</returns>
    private static int Closed(string page, int at)
    {
        var depth = 0;
        for (; at < page.Length; at++)
        {
            if (page[at] == '"')
                at = EndOfText(page, at);
            else if (page[at] is '(' or '[' or '{')
                depth++;
            else if (page[at] is ')' or ']' or '}' && --depth == 0)
                return at + 1;
        }
        return at;
    }

    private static int EndOfText(string page, int at)
    {
        for (at++; page[at] != '"'; at++)
            if (page[at] == '\\')
                at++;
            else if (page[at] == '{')
                at = Closed(page, at) - 1;
        return at;
    }

    [GeneratedRegex(@"^@?(using|model|page|inject|namespace|addTagHelper|section).*$|^ *//.*$", RegexOptions.Multiline)]
    private static partial Regex Directive();

    [GeneratedRegex(@"(?:<[A-Za-z/!][^<>]*>|^)([^<>]+)(?=<)")]
    private static partial Regex Between();

    [GeneratedRegex(@" (?:aria-label|title|placeholder|alt|data-busy|data-label)=""([^""]*)""")]
    private static partial Regex Attribute();

    [GeneratedRegex(@"[A-Za-z]{2,}")]
    private static partial Regex Word();

    [GeneratedRegex(@"[;=]|=>|&&|^\w+\+\+$|^\w+\(.*\)$")]
    private static partial Regex Code();

    /// <summary>A statement within code goes on without another sign.</summary>
    [GeneratedRegex(@"\G(?<=[\n{}] *)(?:else if|if|switch|foreach|for|while) \(")]
    private static partial Regex Branch();

    [GeneratedRegex(@"@(?:if|foreach|for|switch|while)$")]
    private static partial Regex StatementHead();
}
