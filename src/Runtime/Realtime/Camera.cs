using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime;

/// <summary>How FFmpeg is told to open a camera on each system.</summary>
internal static class Camera
{
    /// <summary>The input arguments for <c>camera:N</c> or <c>camera:NAME</c>.</summary>
    /// <exception cref="EdgeException">There is no such camera (DeviceTrouble).</exception>
    public static string[] Input(string spec)
    {
        string which = spec["camera:".Length..].Trim();
        if (which.Length == 0) which = "0";
        bool numbered = int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (OperatingSystem.IsMacOS()) return ["-f", "avfoundation", "-framerate", "30", "-i", $"{which}:none"];
        // DirectShow knows cameras by name only; "video=@N" is not among the names, so a number counts the devices of that kind.
        if (OperatingSystem.IsWindows())
            return numbered ? ["-f", "dshow", "-video_device_number", $"{number}", "-i", "video=Integrated Camera"] : ["-f", "dshow", "-i", $"video={which}"];
        string device = numbered ? $"/dev/video{number}" : which;
        if (!File.Exists(device))
        {
            string[] present = Directory.Exists("/dev") ? Directory.GetFiles("/dev", "video*") : [];
            throw new EdgeException(ErrorCode.DeviceTrouble,
                $"There is no camera {device}; {(present.Length == 0 ? "this machine shows none (/dev/video*)" : "there are " + string.Join(", ", present))}.",
                "Plug a camera in, or use a picture, a video or an rtsp:// address.");
        }
        return ["-f", "v4l2", "-i", device];
    }

    /// <summary>What to do when a live source fails.</summary>
    public static string Remedy(string kind) => kind == "camera"
        ? "Check that no other program uses the camera and that you may open it (on Linux: group video)."
        : "Check the address, user and password, and that the sender is on.";
}
