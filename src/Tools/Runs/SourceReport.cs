using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Commands;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Tells of the troubles of a source: a line on standard error, and one of JSON where somebody reads those. Told by any thread.</summary>
/// <param name="source">What the source is called.</param>
/// <param name="writeJson">Writes a line of JSON, or null.</param>
internal sealed class SourceReport(string source, Action<string>? writeJson)
{
    private readonly Lock guard = new();

    /// <summary>Tells of one.</summary>
    public void Tell(SourceEvent told)
    {
        lock (guard)
        {
            Console.Error.WriteLine(Text(told));
            try
            {
                writeJson?.Invoke(Json(told));
            }
            catch (Exception e) when (e is BrokenPipeException or EdgeException)
            {
                // Whoever writes results finds out too, and ends the run; the thread that captures must not fail of it.
            }
        }
    }

    private static string Name(SourceTrouble trouble) => trouble.ToString().ToLowerInvariant();

    private string Text(SourceEvent told)
    {
        string detail = told.Detail.Length > 0 ? $": {told.Detail}" : "", lasted = told.Lasted.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        if (told.Trouble == SourceTrouble.Resized) return $"source {source} has another size{detail}";
        return told.Begins ? $"source {source} is {Name(told.Trouble)}{detail}" : $"source {source} is no longer {Name(told.Trouble)}, after {lasted} s{detail}";
    }

    private string Json(SourceEvent told) => ClassTexts.Json(json =>
    {
        json.WriteString("event", Name(told.Trouble));
        json.WriteString("source", source);
        json.WriteBoolean("begins", told.Begins);
        json.WriteNumber("time_ms", Math.Round(told.Time.TotalMilliseconds, 1));
        json.WriteNumber("lasted_ms", Math.Round(told.Lasted.TotalMilliseconds, 1));
        if (told.Detail.Length > 0) json.WriteString("detail", told.Detail);
    });
}
