using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace EdgeRuntime.Tests.Media;

/// <summary>FFmpeg as a server of a stream on loopback, which may be killed and started again.</summary>
internal sealed class StreamServer : IDisposable
{
    private Process? process;

    public StreamServer()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Serves to whoever connects first, at the rate of the input.</summary>
    public void Serve(string protocol, params string[] inputAndCodec)
    {
        string options = protocol switch { "tcp" => "?listen=1", "udp" => "?pkt_size=1316", _ => "" };
        string[] listen = protocol == "http" ? ["-listen", "1"] : [];
        process = Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "error", "-re", .. inputAndCodec, "-f", "mpegts", .. listen, $"{protocol}://127.0.0.1:{Port}{options}"]))!;
    }

    public void Kill()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
        process = null;
    }

    public void Dispose() => Kill();
}
