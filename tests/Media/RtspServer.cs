using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace EdgeRuntime.Tests.Media;

/// <summary>A server of RTSP on loopback: FFmpeg encodes and packs (RTP), and this answers a player and passes the packets on within its connection (RFC 2326, 10.12).</summary>
internal sealed class RtspServer : IDisposable
{
    private const string Description = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=test\r\nt=0 0\r\nm=video 0 RTP/AVP 32\r\na=control:video\r\n";

    private readonly Lock guard = new();
    private TcpListener? listener;
    private UdpClient? packets;
    private Process? encoder;
    private TcpClient? player;

    public RtspServer()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Port = ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    public int Port { get; }

    /// <summary>Serves pictures of that size to one player after the other.</summary>
    public void Serve(string size)
    {
        packets = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        int to = ((IPEndPoint)packets.Client.LocalEndPoint!).Port;
        encoder = Process.Start(new ProcessStartInfo("ffmpeg", ["-hide_banner", "-nostdin", "-loglevel", "quiet", "-re", "-f", "lavfi", "-i", $"testsrc=size={size}:rate=25", "-c:v", "mpeg2video", "-g", "5", "-f", "rtp", $"rtp://127.0.0.1:{to}?pkt_size=1200"]) { RedirectStandardOutput = true })!;
        listener = new TcpListener(IPAddress.Loopback, Port);
        listener.Start();
        (TcpListener listening, UdpClient from) = (listener, packets);
        new Thread(() => Accept(listening, from)) { IsBackground = true }.Start();
    }

    /// <summary>Sends nothing any more, and leaves the connection open.</summary>
    public void Stall()
    {
        encoder?.Kill();
        encoder?.WaitForExit();
    }

    /// <summary>Ends all of it, as a machine does that goes out.</summary>
    public void Kill()
    {
        Stall();
        encoder?.Dispose();
        encoder = null;
        listener?.Stop();
        packets?.Dispose();
        lock (guard) player?.Close();
    }

    public void Dispose() => Kill();

    private void Accept(TcpListener listening, UdpClient from)
    {
        try
        {
            while (true)
            {
                TcpClient client = listening.AcceptTcpClient();
                lock (guard) player = client;
                using (client) Answer(client.GetStream(), from);
            }
        }
        catch (Exception e) when (e is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // It was killed.
        }
    }

    private static void Answer(NetworkStream stream, UdpClient from)
    {
        var request = new StringBuilder();
        for (int read; (read = stream.ReadByte()) >= 0;)
        {
            request.Append((char)read);
            string text = request.ToString();
            if (!text.EndsWith("\r\n\r\n", StringComparison.Ordinal)) continue;
            request.Clear();
            string verb = text[..text.IndexOf(' ', StringComparison.Ordinal)], number = text.Split("\r\n").First(l => l.StartsWith("CSeq:", StringComparison.OrdinalIgnoreCase));
            string more = verb switch
            {
                "OPTIONS" => "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n",
                "DESCRIBE" => $"Content-Type: application/sdp\r\nContent-Length: {Description.Length}\r\n\r\n{Description}",
                "SETUP" => "Session: 1\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
                _ => "Session: 1\r\n\r\n",
            };
            stream.Write(Encoding.ASCII.GetBytes($"RTSP/1.0 200 OK\r\n{number}\r\n{more}"));
            if (verb == "PLAY") Play(stream, from);
        }
    }

    private static void Play(NetworkStream stream, UdpClient from)
    {
        try
        {
            for (IPEndPoint? sender = null; ;)
            {
                byte[] packet = from.Receive(ref sender);
                stream.Write([(byte)'$', 0, (byte)(packet.Length >> 8), (byte)packet.Length, .. packet]);
            }
        }
        catch (IOException)
        {
            // This player has gone; the next one may come.
        }
    }
}
