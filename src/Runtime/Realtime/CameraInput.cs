using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime;

/// <summary>How FFmpeg is told to open a camera on each system.</summary>
internal static class CameraInput
{
    private const string Advice = "Plug a camera in, or use a picture, a video or the address of a stream.";

    /// <summary>The input arguments for <c>camera:N</c> or <c>camera:NAME</c>.</summary>
    /// <exception cref="EdgeException">There is no such camera (DeviceTrouble).</exception>
    public static string[] Arguments(string spec)
    {
        string which = spec["camera:".Length..].Trim();
        if (which.Length == 0) which = "0";
        bool numbered = int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int number);
        if (OperatingSystem.IsMacOS()) return ["-f", "avfoundation", "-framerate", "30", "-i", $"{which}:none"];
        if (OperatingSystem.IsWindows()) return ["-f", "dshow", "-i", "video=" + (numbered ? Name(number) : which)];
        return ["-f", "v4l2", "-i", Device(numbered ? $"/dev/video{number}" : which)];
    }

    /// <summary>What to do when a live source fails.</summary>
    public static string Remedy(string kind) => kind == "camera"
        ? "Check that no other program uses the camera and that you may open it (on Linux: group video)."
        : "Check the address, user and password, and that the sender is on.";

    private static string Device(string path)
    {
        if (File.Exists(path)) return path;
        string[] present = Directory.Exists("/dev") ? Directory.GetFiles("/dev", "video*") : [];
        string others = present.Length == 0 ? "this machine shows none (/dev/video*)" : "there are " + string.Join(", ", present);
        throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no camera {path}; {others}.", Advice);
    }

    // DirectShow knows cameras by name only, so the number counts the names in the order that FFmpeg lists them.
    private static string Name(int number)
    {
        DirectShowLog list = DirectShowLog.Ask();
        if (number < list.Cameras.Count) return list.Cameras[number];
        string present = list.Cameras.Count == 0 ? "this machine shows none" : "there are " + string.Join(", ", list.Cameras.Select((name, i) => $"{i} {name}"));
        throw new EdgeException(ErrorCode.DeviceTrouble, $"There is no camera {number}; {present}.", Advice);
    }
}
