namespace EdgeRuntime.Realtime;

/// <summary>How FFmpeg is told to open a stream of a network.</summary>
internal static class NetworkInput
{
    private const string MicrosecondsOfSilence = "5000000";

    /// <summary>Datagrams just do not come any more, which whoever reads notices before; this is for the program whose reader was killed, so that it does not stay for ever.</summary>
    private const string MicrosecondsWithoutDatagrams = "30000000";

    private static readonly string[] Schemes = ["rtsp://", "rtsps://", "http://", "https://", "udp://", "tcp://"];

    /// <summary>True for the address of a stream.</summary>
    public static bool Means(string spec) => Array.Exists(Schemes, s => spec.StartsWith(s, StringComparison.OrdinalIgnoreCase));

    /// <summary>The input arguments, with a limit on how long the network may be silent.</summary>
    public static string[] Arguments(string address, string program)
    {
        // A live stream is watched for a second before it begins, not for five or seven; and what is sent must not open files of this machine, as a playlist could.
        string[] safe = ["-analyzeduration", "1000000", "-protocol_whitelist", "rtp,srtp,tcp,udp,tls,http,https,httpproxy,crypto,data"];
        if (address.StartsWith("udp", StringComparison.OrdinalIgnoreCase)) return [.. safe, "-timeout", MicrosecondsWithoutDatagrams, "-i", address];
        if (!address.StartsWith("rtsp", StringComparison.OrdinalIgnoreCase)) return [.. safe, "-rw_timeout", MicrosecondsOfSilence, "-i", address];
        // The option that limits the time of a network read had another name before FFmpeg 5, and this one meant something else.
        string timeout = FfmpegTools.VersionOf(program) >= new Version(5, 0) ? "-timeout" : "-stimeout";
        return [.. safe, "-rtsp_transport", "tcp", timeout, MicrosecondsOfSilence, "-i", address];
    }
}
