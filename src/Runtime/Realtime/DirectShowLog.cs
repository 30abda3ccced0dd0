using System.Text;

namespace EdgeRuntime.Realtime;

/// <summary>Reads the names of cameras and microphones from what FFmpeg prints for <c>-list_devices true -f dshow</c>.</summary>
/// <remarks>Newer versions put (video) or (audio) behind each name, older ones a heading above each group.</remarks>
internal sealed class DirectShowLog : FfmpegLog
{
    private readonly List<string> cameras = [], microphones = [];
    private bool inAudio;

    /// <summary>The names of cameras, in the order of the list.</summary>
    public IReadOnlyList<string> Cameras => cameras;

    /// <summary>The names of microphones, in the order of the list.</summary>
    public IReadOnlyList<string> Microphones => microphones;

    /// <summary>Asks FFmpeg for the list.</summary>
    /// <exception cref="Diagnostics.EdgeException">It is not installed.</exception>
    public static DirectShowLog Ask()
    {
        var list = new DirectShowLog();
        list.AskForDevices("dshow", "dummy");
        return list;
    }

    /// <inheritdoc/>
    protected override void Line(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("DirectShow audio devices"u8) >= 0) inAudio = true;
        int start = line.IndexOf((byte)'"') + 1, end = line.LastIndexOf((byte)'"');
        if (start < 1 || end <= start || line.IndexOf("Alternative name"u8) >= 0) return;
        (inAudio || line[end..].IndexOf("(audio)"u8) >= 0 ? microphones : cameras).Add(Encoding.UTF8.GetString(line[start..end]));
    }
}
