using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How long the thread that opened it was ready to run while the machine ran others, as Linux counts it. Allocates nothing per look.</summary>
internal sealed class RunDelay : IDisposable
{
    private const string Schedule = "/proc/thread-self/schedstat";

    private readonly SafeFileHandle file;
    private readonly byte[] text = new byte[128];

    private RunDelay(SafeFileHandle file) => this.file = file;

    /// <summary>Opens it; null where the system does not tell.</summary>
    public static RunDelay? Open()
    {
        if (!File.Exists(Schedule)) return null;
        try
        {
            return new RunDelay(File.OpenHandle(Schedule));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>All of it so far.</summary>
    public TimeSpan Total()
    {
        // Nanoseconds on a processor, nanoseconds of waiting for one, turns.
        ReadOnlySpan<byte> line = text.AsSpan(0, RandomAccess.Read(file, text, 0));
        int second = line.IndexOf((byte)' ') + 1;
        return Utf8Parser.TryParse(line[second..], out long nanoseconds, out _) ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick) : TimeSpan.Zero;
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
