using System.Globalization;
using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Realtime.Pictures;

namespace EdgeRuntime.Realtime;

/// <summary>What ffprobe tells of a video before it is decoded.</summary>
internal sealed record MediaProbe(int Width, int Height, double? Rate, long? FrameCount, int Rotation, string Codec)
{
    private const int MaxDescription = 4 << 20;

    /// <summary>Examines a file.</summary>
    /// <exception cref="EdgeException">It holds no video, or one that is too large (CannotDecode).</exception>
    public static MediaProbe File(string path)
    {
        string program = FfmpegTools.Require("ffprobe", $"Reading '{path}'");
        byte[] json = FfmpegProcess.Capture(program,
            ["-hide_banner", "-loglevel", "repeat+level+error", "-protocol_whitelist", "file", "-select_streams", "v", "-show_streams", "-of", "json", "-i", "file:" + path],
            $"'{path}'", TimeSpan.FromSeconds(30), MaxDescription);
        using JsonDocument document = JsonDocument.Parse(json);
        if (!document.RootElement.TryGetProperty("streams", out JsonElement streams) || streams.ValueKind != JsonValueKind.Array || streams.GetArrayLength() == 0)
            throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' has no picture in it, only sound or data.", "Name a picture or a video.");
        JsonElement video = streams[0];
        var probe = new MediaProbe(Whole(video, "width"), Whole(video, "height"), Ratio(video, "avg_frame_rate") ?? Ratio(video, "r_frame_rate"),
            long.TryParse(Text(video, "nb_frames"), NumberStyles.None, CultureInfo.InvariantCulture, out long frames) && frames > 0 ? frames : null,
            RotationOf(video), Text(video, "codec_name"));
        PictureFile.CheckSize(path, probe.Codec, probe.Width, probe.Height);
        return probe;
    }

    private static int RotationOf(JsonElement video)
    {
        if (!video.TryGetProperty("side_data_list", out JsonElement list) || list.ValueKind != JsonValueKind.Array) return 0;
        foreach (JsonElement side in list.EnumerateArray())
            if (Whole(side, "rotation") is not 0 and int degrees) return degrees;
        return 0;
    }

    private static string Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int Whole(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : 0;

    private static double? Ratio(JsonElement element, string name)
    {
        string[] parts = Text(element, name).Split('/');
        return parts.Length == 2 && double.TryParse(parts[0], CultureInfo.InvariantCulture, out double over)
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out double under) && over > 0 && under > 0 ? over / under : null;
    }
}
