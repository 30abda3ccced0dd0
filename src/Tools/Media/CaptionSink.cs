using System.Globalization;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Media;

/// <summary>Writes what is said as captions that players show with a sound or video: WebVTT (W3C, 2019). The file is there when all is written.</summary>
internal sealed class CaptionSink : IDisposable
{
    private readonly AtomicFile file;
    private TimeSpan last;

    /// <summary>Creates the file under a temporary name.</summary>
    /// <exception cref="EdgeException">It has another extension, or cannot be written.</exception>
    public CaptionSink(string path)
    {
        if (!Path.GetExtension(path).Equals(".vtt", StringComparison.OrdinalIgnoreCase)) throw new EdgeException(ErrorCode.BadUsage, $"'{path}' is no file for captions.", "Call it FILE.vtt.");
        file = new AtomicFile(path);
        Append("WEBVTT\n");
    }

    /// <summary>Adds a caption.</summary>
    /// <exception cref="EdgeException">The disk is full.</exception>
    public void Write(TimeSpan start, TimeSpan end, string words)
    {
        // Players show captions that overlap one above the other, or leave one out.
        start = start < last ? last : start;
        last = end = end < start ? start : end;
        Append($"\n{Time(start)} --> {Time(end)}\n{words.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal)}\n");
    }

    /// <summary>Gives the file its name.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="EdgeException">It cannot be written.</exception>
    public string Complete()
    {
        file.Commit();
        return file.Path;
    }

    public void Dispose() => file.Dispose();

    private void Append(string text)
    {
        try
        {
            file.Stream.Write(Encoding.UTF8.GetBytes(text));
        }
        catch (IOException e)
        {
            throw file.Refused(e);
        }
    }

    private static string Time(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalHours:00}:{time.Minutes:00}:{time.Seconds:00}.{time.Milliseconds:000}");
}
