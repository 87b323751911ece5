using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Postrider.Architecture;

/// <summary>The texts in the sources, each as the key that it is looked up by: <c>$"{name} is removed."</c> is <c>{0} is removed.</c></summary>
internal static partial class SourceTexts
{
    /// <summary>What pages and code of the console say through <c>T</c>.</summary>
    public static IEnumerable<(string File, string Key)> Said() =>
        from file in Files("src/Postrider.Server", ".cs", ".cshtml").Where(file => !file.Contains("/Languages/", StringComparison.Ordinal))
        let text = File.ReadAllText(file)
        from match in Saying().Matches(text)
        from argument in Arguments(text[match.Index..], match.Length)
        from key in Keys(argument)
        select (Path.GetRelativePath(Repository.Root, file), key);

    /// <summary>Every text of a file of C#.</summary>
    public static IEnumerable<(ExpressionSyntax At, string Key)> In(string file) => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantNodes().OfType<ExpressionSyntax>()
        .Where(node => node is LiteralExpressionSyntax or InterpolatedStringExpressionSyntax).SelectMany(node => Keys(node).Select(key => (node, key)));

    public static IEnumerable<string> Files(string folder, params string[] endings) => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*", SearchOption.AllDirectories)
        .Where(file => endings.Any(ending => file.EndsWith(ending, StringComparison.Ordinal)));

    /// <summary>It is, or is part of, something that is said through <c>T</c>.</summary>
    public static bool IsSaid(SyntaxNode node) => node.Ancestors().Any(ancestor => ancestor is ElementAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "T" } }
        or InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.Text: "T" }, Name.Identifier.Text: "Count" or "Html" } });

    private static IEnumerable<ExpressionSyntax> Arguments(string text, int opened)
    {
        var list = SyntaxFactory.ParseExpression(text, consumeFullText: false).DescendantNodes().OfType<BaseArgumentListSyntax>().First(list => list.SpanStart == opened - 1);
        // The first is what is said; of a count the second and the third.
        var isCount = text.StartsWith("T.Count", StringComparison.Ordinal);
        return list.Arguments.Skip(isCount ? 1 : 0).Take(isCount ? 2 : 1).Select(argument => argument.Expression);
    }

    private static IEnumerable<string> Keys(ExpressionSyntax said) => said switch
    {
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => [literal.Token.ValueText],
        InterpolatedStringExpressionSyntax interpolated => [Format(interpolated)],
        ConditionalExpressionSyntax either => [.. Keys(either.WhenTrue), .. Keys(either.WhenFalse)],
        _ => [],
    };

    private static string Format(InterpolatedStringExpressionSyntax text)
    {
        var (format, number) = (new StringBuilder(), 0);
        foreach (var part in text.Contents)
            if (part is InterpolationSyntax hole)
                format.Append(CultureInfo.InvariantCulture, $"{{{number++}{hole.FormatClause?.ToString()}}}");
            else if (part is InterpolatedStringTextSyntax { TextToken.ValueText: var literal })
                format.Append(literal);
        return format.ToString();
    }

    [GeneratedRegex(@"(?<![\w.<])T(?:\[|\.Count\(|\.Html\()")]
    private static partial Regex Saying();
}
