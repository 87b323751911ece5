using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Html;
using QRCoder;

namespace Postrider.Server.Console.Ui;

/// <summary>A QR code as SVG without any style: dark on light in either scheme, for cameras need it so.</summary>
internal static class QrCode
{
    public static IHtmlContent Of(string text, string title)
    {
        using var generator = new QRCodeGenerator();
        using var data = generator.CreateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var rows = data.ModuleMatrix;
        var path = new StringBuilder();
        for (var y = 0; y < rows.Count; y++)
            for (var x = 0; x < rows[y].Length; x++)
                if (rows[y][x])
                    path.Append(CultureInfo.InvariantCulture, $"M{x} {y}h1v1h-1z");
        return new HtmlString($"""<svg class="qr" viewBox="0 0 {rows.Count} {rows.Count}" role="img" shape-rendering="crispEdges"><title>{Part.Text(title)}</title><rect width="{rows.Count}" height="{rows.Count}" fill="#fff"/><path fill="#000" d="{path}"/></svg>""");
    }
}
