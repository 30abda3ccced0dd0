using System.Buffers.Text;
using System.Text;

namespace EdgeRuntime.Realtime;

/// <summary>Reads the names of cameras and microphones from what FFmpeg prints for <c>-list_devices true -f avfoundation</c>: a heading above each group, and a number before each name.</summary>
internal sealed class AvFoundationLog : FfmpegLog
{
    private readonly List<(int Number, string Name)> cameras = [], microphones = [];
    private bool inAudio;

    /// <summary>Number and name of each camera.</summary>
    public IReadOnlyList<(int Number, string Name)> Cameras => cameras;

    /// <summary>Number and name of each microphone.</summary>
    public IReadOnlyList<(int Number, string Name)> Microphones => microphones;

    /// <summary>Asks FFmpeg for the list.</summary>
    /// <exception cref="Diagnostics.EdgeException">It is not installed.</exception>
    public static AvFoundationLog Ask()
    {
        var list = new AvFoundationLog();
        list.AskForDevices("avfoundation", "");
        return list;
    }

    /// <inheritdoc/>
    protected override void Line(ReadOnlySpan<byte> line)
    {
        if (line.IndexOf("AVFoundation audio devices"u8) >= 0) inAudio = true;
        // "[AVFoundation indev @ 0x7f8] [info] [0] FaceTime HD Camera"
        for (ReadOnlySpan<byte> rest = line; rest.StartsWith("["u8) && rest.IndexOf((byte)']') is > 0 and int end; rest = rest[(end + 1)..].TrimStart((byte)' '))
        {
            if (!Utf8Parser.TryParse(rest[1..end], out int number, out int digits) || digits != end - 1) continue;
            (inAudio ? microphones : cameras).Add((number, Encoding.UTF8.GetString(rest[(end + 1)..].Trim((byte)' '))));
            return;
        }
    }
}
