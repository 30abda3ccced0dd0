using System.Text;

namespace EdgeRuntime.Realtime;

/// <summary>Reads the names of cameras from what FFmpeg prints for <c>-list_devices true -f dshow</c>.</summary>
/// <remarks>Newer versions put (video) or (audio) behind each name, older ones a heading above each group.</remarks>
internal sealed class DirectShowLog : FfmpegLog
{
    private readonly List<string> cameras = [];
    private bool inAudio;

    /// <summary>The names, in the order of the list.</summary>
    public IReadOnlyList<string> Cameras => cameras;

    /// <inheritdoc/>
    protected override void Line(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("DirectShow audio devices"u8) >= 0) inAudio = true;
        int start = line.IndexOf((byte)'"') + 1, end = line.LastIndexOf((byte)'"');
        if (start < 1 || end <= start || inAudio || line.IndexOf("Alternative name"u8) >= 0 || line[end..].IndexOf("(audio)"u8) >= 0) return;
        cameras.Add(Encoding.UTF8.GetString(line[start..end]));
    }
}
