using System.Text;

namespace EdgeRuntime.Tools.Runs;

/// <summary>A writer of whole lines that hands each one on.</summary>
/// <param name="take">Takes a line.</param>
internal sealed class LineWriter(Action<string> take) : TextWriter
{
    private readonly StringBuilder line = new();

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value)
    {
        if (value != '\n')
        {
            line.Append(value);
            return;
        }
        string whole = line.ToString().TrimEnd('\r');
        line.Clear();
        take(whole);
    }
}
