using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeRuntime.Tools.Reports;

/// <summary>A report in one HTML file: style and pictures are inside, nothing is fetched, nothing is executed.</summary>
internal sealed class HtmlPage(string title)
{
    private const string Style =
        """
        :root { color-scheme: light; }
        body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: #1c2530; background: #fff; max-width: 60rem; margin: 2rem auto; padding: 0 1.25rem; }
        h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; }
        p { margin: .4rem 0; } .quiet { color: #5a6672; }
        code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; } pre { background: #f5f7f9; padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; }
        table { border-collapse: collapse; margin: .5rem 0; } th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e4e8ec; }
        th { font-weight: 600; color: #5a6672; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
        figure { margin: .75rem 0; } figcaption { color: #5a6672; font-size: 13px; } img { max-width: 100%; height: auto; border-radius: 6px; display: block; }
        .row { display: flex; flex-wrap: wrap; gap: 1rem; } .row figure { flex: 1 1 12rem; margin: 0; } svg { max-width: 100%; height: auto; }
        """;

    private readonly StringBuilder body = new();

    public void Heading(string text) => Element("h2", text);

    public void Text(string text) => Element("p", text);

    public void Quiet(string text) => body.Append($"<p class=\"quiet\">{Encode(text)}</p>\n");

    public void Preformatted(string text) => Element("pre", text.TrimEnd());

    /// <summary>A link; a relative one works as long as the files stay together.</summary>
    public void Link(string text, string address) => body.Append($"<p><a href=\"{Encode(Uri.EscapeDataString(address))}\">{Encode(text)}</a></p>\n");

    /// <summary>A table; columns from <paramref name="firstNumber"/> on are numbers and stand at the right.</summary>
    public void Table(string[] header, IEnumerable<string[]> rows, int firstNumber = int.MaxValue)
    {
        body.Append("<table>\n");
        Row("th", header, firstNumber);
        foreach (string[] row in rows) Row("td", row, firstNumber);
        body.Append("</table>\n");
    }

    /// <summary>Pictures side by side, each a PNG with its caption.</summary>
    public void Pictures(params (byte[] Png, string Caption)[] pictures)
    {
        body.Append(pictures.Length > 1 ? "<div class=\"row\">\n" : "");
        foreach ((byte[] png, string caption) in pictures)
            body.Append($"<figure><img alt=\"{Encode(caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"><figcaption>{Encode(caption)}</figcaption></figure>\n");
        body.Append(pictures.Length > 1 ? "</div>\n" : "");
    }

    /// <summary>A drawing made by <see cref="Charts"/>.</summary>
    public void Chart(string svg) => body.Append($"<figure>{svg}</figure>\n");

    public override string ToString() =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encode(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Encode(title)}</h1>
        {body}</body>
        </html>

        """;

    internal static string Encode(string text) => WebUtility.HtmlEncode(text);

    private void Element(string name, string text) => body.Append(CultureInfo.InvariantCulture, $"<{name}>{Encode(text)}</{name}>\n");

    private void Row(string cell, string[] texts, int firstNumber)
    {
        body.Append("<tr>");
        for (int i = 0; i < texts.Length; i++) body.Append($"<{cell}{(i >= firstNumber ? " class=\"n\"" : "")}>{Encode(texts[i])}</{cell}>");
        body.Append("</tr>\n");
    }
}
