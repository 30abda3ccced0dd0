using System.Globalization;
using System.Net;
using System.Text;

namespace EdgeRuntime.Tools.Reports;

/// <summary>A report in one HTML file, well-formed as XML, too: style and pictures are inside, nothing is fetched, and nothing is executed but a few lines that sort tables.</summary>
internal sealed class HtmlPage(string title)
{
    private const string Style =
        """
        :root { color-scheme: light dark; --ink: #1c2530; --quiet: #5a6672; --line: #e4e8ec; --back: #fff; --soft: #f5f7f9; --good: #2b7a4b; --bad: #b03a2e; }
        body { font: 15px/1.5 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--back); max-width: 60rem; margin: 2rem auto; padding: 0 1.25rem; }
        h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin: 2.25rem 0 .6rem; }
        p { margin: .4rem 0; overflow-wrap: anywhere; } .quiet { color: var(--quiet); }
        code, pre { font: 13px/1.45 ui-monospace, "DejaVu Sans Mono", Consolas, monospace; } pre { background: var(--soft); padding: .8rem 1rem; overflow-x: auto; border-radius: 6px; }
        .wide { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0; } th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
        th { font-weight: 600; color: var(--quiet); } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; } td { overflow-wrap: anywhere; min-width: 2.5rem; } td:first-child:not(.n) { min-width: 8rem; }
        .sort th { cursor: pointer; white-space: normal; } .sort th:hover { color: var(--ink); } .sort th[data-down="0"]::after { content: " \2191"; } .sort th[data-down="1"]::after { content: " \2193"; }
        figure { margin: .75rem 0; } figcaption { color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; } img { max-width: 100%; height: auto; border-radius: 6px; display: block; }
        .row { display: flex; flex-wrap: wrap; gap: 1rem; margin: .75rem 0; } .row figure { flex: 1 1 12rem; margin: 0; } svg { max-width: 100%; height: auto; }
        .page { overflow-x: auto; } .small { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: .75rem 1rem; } .small figure { margin: 0; min-width: 0; }
        details { margin: .75rem 0; } summary { cursor: pointer; color: var(--quiet); }
        @media (prefers-color-scheme: dark) { :root { --ink: #e3e8ed; --quiet: #9eabb8; --line: #313a44; --back: #14191f; --soft: #1d242c; --good: #63c08b; --bad: #ef8275; } svg { filter: invert(.92) hue-rotate(180deg); } a { color: #7fb2f0; } }
        """;

    /// <summary>A click on a column's name sorts by it: by numbers where a cell says which, else by text.</summary>
    private const string Script =
        """
        document.querySelectorAll("table.sort").forEach(function (table) {
          table.querySelectorAll("th").forEach(function (head, column) {
            head.onclick = function () {
              var down = head.dataset.down === "1" ? 0 : 1, rows = Array.from(table.rows).slice(1);
              table.querySelectorAll("th").forEach(function (other) { delete other.dataset.down; });
              head.dataset.down = down;
              var key = function (row) { var cell = row.cells[column]; return cell.className === "n" ? (cell.textContent ? parseFloat(cell.dataset.v || cell.textContent.replace(/,/g, "")) : NaN) : cell.textContent; };
              rows.sort(function (a, b) {
                var x = key(a), y = key(b);
                if (typeof x === "string") return down ? y.localeCompare(x) : x.localeCompare(y);
                if (isNaN(x)) return isNaN(y) ? 0 : 1;
                return isNaN(y) ? -1 : down ? y - x : x - y;
              });
              rows.forEach(function (row) { row.parentNode.appendChild(row); });
            };
          });
        });
        """;

    private readonly StringBuilder body = new();
    private bool isSortable;

    public void Heading(string text) => Element("h2", text);

    public void Text(string text) => Element("p", text);

    public void Quiet(string text) => body.Append($"<p class=\"quiet\">{Encode(text)}</p>\n");

    public void Preformatted(string text) => Element("pre", text.TrimEnd());

    /// <summary>A link; a relative one works as long as the files stay together.</summary>
    public void Link(string text, string address) => body.Append($"<p><a href=\"{Encode(Uri.EscapeDataString(address))}\">{Encode(text)}</a></p>\n");

    /// <summary>A sentence that says whether all is well.</summary>
    public void Verdict(string text, bool isGood) => body.Append($"<p style=\"color: var(--{(isGood ? "good" : "bad")}); font-weight: 600\">{Encode(text)}</p>\n");

    /// <summary>A table; columns from <paramref name="firstNumber"/> on are numbers and stand at the right.</summary>
    /// <param name="header">Names of the columns.</param>
    /// <param name="rows">The rows, each as long as the header.</param>
    /// <param name="firstNumber">The first column of numbers.</param>
    /// <param name="sortable">True to let readers sort it.</param>
    /// <param name="lastNumber">The last column of numbers; texts may follow.</param>
    public void Table(string[] header, IEnumerable<string[]> rows, int firstNumber = int.MaxValue, bool sortable = false, int lastNumber = int.MaxValue)
    {
        isSortable |= sortable;
        body.Append(sortable ? "<div class=\"wide\"><table class=\"sort\">\n" : "<div class=\"wide\"><table>\n");
        Row("th", header, firstNumber, lastNumber);
        foreach (string[] row in rows) Row("td", row, firstNumber, lastNumber);
        body.Append("</table></div>\n");
    }

    /// <summary>Pictures side by side, each a PNG with its caption.</summary>
    public void Pictures(params (byte[] Png, string Caption)[] pictures)
    {
        body.Append(pictures.Length > 1 ? "<div class=\"row\">\n" : "");
        foreach ((byte[] png, string caption) in pictures)
            body.Append($"<figure><img alt=\"{Encode(caption)}\" src=\"data:image/png;base64,{Convert.ToBase64String(png)}\"/><figcaption>{Encode(caption)}</figcaption></figure>\n");
        body.Append(pictures.Length > 1 ? "</div>\n" : "");
    }

    /// <summary>A drawing made by <see cref="Charts"/>; a narrow screen shows a part of it, so that it stays legible.</summary>
    public void Chart(string svg) => body.Append($"<figure class=\"page\">{svg}</figure>\n");

    /// <summary>Small drawings with captions, as many beside each other as there is room for.</summary>
    public void SmallCharts(IEnumerable<(string Svg, string Caption)> charts) => Captioned("small", charts);

    /// <summary>Two or three drawings with captions, beside each other where there is room.</summary>
    public void MiddleCharts(IEnumerable<(string Svg, string Caption)> charts) => Captioned("row", charts);

    private void Captioned(string arrangement, IEnumerable<(string Svg, string Caption)> charts)
    {
        body.Append($"<div class=\"{arrangement}\">\n");
        foreach ((string svg, string caption) in charts) body.Append($"<figure>{svg}<figcaption>{Encode(caption)}</figcaption></figure>\n");
        body.Append("</div>\n");
    }

    /// <summary>A part that is shown when somebody asks for it.</summary>
    public void Folded(string title, Action content)
    {
        body.Append($"<details><summary>{Encode(title)}</summary>\n");
        content();
        body.Append("</details>\n");
    }

    public override string ToString() =>
        $"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title>{Encode(title)}</title>
        <style>
        {Style}
        </style>
        </head>
        <body>
        <h1>{Encode(title)}</h1>
        {body}{(isSortable ? $"<script>\n{Script}\n</script>\n" : "")}</body>
        </html>

        """;

    internal static string Encode(string text) => WebUtility.HtmlEncode(Plain(text));

    /// <summary>The text without characters that no page may have: names in models can be anything.</summary>
    internal static string Plain(string text)
    {
        bool isPlain = true;
        for (int i = 0; i < text.Length && isPlain; i++) isPlain = text[i] >= ' ' && !char.IsSurrogate(text[i]) && text[i] < '\uFFFE';
        if (isPlain) return text;
        var plain = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes()) plain.Append(rune.Value is '\n' or '\t' || (rune.Value >= ' ' && rune.Value is not (0xFFFE or 0xFFFF)) ? rune : Rune.ReplacementChar);
        return plain.ToString();
    }

    private void Element(string name, string text) => body.Append(CultureInfo.InvariantCulture, $"<{name}>{Encode(text)}</{name}>\n");

    private void Row(string cell, string[] texts, int firstNumber, int lastNumber)
    {
        body.Append("<tr>");
        for (int i = 0; i < texts.Length; i++) body.Append($"<{cell}{(i >= firstNumber && i <= lastNumber ? " class=\"n\"" : "")}>{Encode(texts[i])}</{cell}>");
        body.Append("</tr>\n");
    }
}
