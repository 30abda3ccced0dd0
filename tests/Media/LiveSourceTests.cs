using System.Net;
using System.Net.Sockets;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Realtime.Sounds;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>Streams that FFmpeg serves on loopback, which are cut, come back, and change.</summary>
public class LiveSourceTests
{
    private static readonly string[] Codec = ["-c:v", "mpeg2video", "-g", "5"];

    [Theory]
    [InlineData("tcp")]
    [InlineData("http")]
    public void A_stream_that_is_cut_and_comes_back_in_another_size_goes_on(string protocol)
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        var events = new List<SourceEvent>();
        server.Serve(protocol, ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", .. Codec]);
        using FrameSource source = Connect($"{protocol}://127.0.0.1:{server.Port}");
        source.Told = told =>
        {
            events.Add(told);
            if (told is { Trouble: SourceTrouble.Lost, Begins: true }) server.Serve(protocol, ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", .. Codec]);
        };
        Assert.True(source.IsLive);
        var frame = new Frame();
        TimeSpan last = TimeSpan.Zero;
        long count = 0;
        for (int i = 0; i < 10; i++) Next();
        Assert.Equal((160, 120), (frame.Width, frame.Height));
        server.Kill();
        do Next();
        while (frame.Width == 160);
        Assert.Equal((320, 240), (frame.Width, frame.Height));
        Assert.Contains(events, e => e is { Trouble: SourceTrouble.Lost, Begins: true });
        Assert.Contains(events, e => e is { Trouble: SourceTrouble.Lost, Begins: false } && e.Lasted >= TimeSpan.FromSeconds(1));
        Assert.Contains(events, e => e.Trouble == SourceTrouble.Resized && e.Detail.Contains("320 x 240", StringComparison.Ordinal));

        void Next()
        {
            Assert.True(source.Read(frame));
            Assert.Equal(count++, frame.Index);
            Assert.True(frame.Time >= last);
            last = frame.Time;
        }
    }

    [Fact]
    public async Task A_stream_of_datagrams_is_read()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        Task serving = Later(() => server.Serve("udp", ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", .. Codec]));
        using FrameSource source = FrameSource.Open($"udp://127.0.0.1:{server.Port}", stop: TestContext.Current.CancellationToken);
        await serving;
        var frame = new Frame();
        for (int i = 0; i < 10; i++) Assert.True(source.Read(frame));
    }

    /// <summary>Whoever receives datagrams cannot see that their sender has gone: they just do not come any more.</summary>
    [Fact]
    public async Task Datagrams_that_stop_are_told_of_and_taken_up_again()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        string[] input = ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", .. Codec];
        Task serving = Later(() => server.Serve("udp", input));
        using FrameSource source = FrameSource.Open($"udp://127.0.0.1:{server.Port}", stop: TestContext.Current.CancellationToken);
        await serving;
        var events = new List<SourceEvent>();
        source.Told = told =>
        {
            events.Add(told);
            if (told is { Trouble: SourceTrouble.Lost, Begins: true }) serving = Later(() => server.Serve("udp", input));
        };
        var frame = new Frame();
        for (int i = 0; i < 10; i++) Assert.True(source.Read(frame));
        server.Kill();
        long last = 0;
        while (!events.Exists(e => e is { Trouble: SourceTrouble.Lost, Begins: false }))
        {
            last = frame.Index;
            Assert.True(source.Read(frame));
        }
        Assert.Equal(last + 1, frame.Index);
        Assert.Equal([(SourceTrouble.Stalled, true), (SourceTrouble.Stalled, false), (SourceTrouble.Lost, true), (SourceTrouble.Lost, false)], events.Select(e => (e.Trouble, e.Begins)));
        await serving;
    }

    [Fact]
    public async Task Sound_in_datagrams_that_stop_is_taken_up_again()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        string[] sine = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "mp2"];
        using SoundStream stream = SoundStream.Open($"udp://127.0.0.1:{server.Port}", 16000);
        Task serving = Later(() => server.Serve("udp", sine));
        var part = new float[1600];
        Assert.Equal(part.Length, stream.Read(part));
        await serving;
        var events = new List<SourceEvent>();
        stream.Told = told =>
        {
            lock (events) events.Add(told);
            if (told is { Trouble: SourceTrouble.Lost, Begins: true }) serving = Later(() => server.Serve("udp", sine));
        };
        server.Kill();
        bool again = false;
        while (!again)
        {
            Assert.Equal(part.Length, stream.Read(part));
            lock (events) again = events.Exists(e => e is { Trouble: SourceTrouble.Lost, Begins: false });
        }
        Assert.Contains(events, e => e is { Trouble: SourceTrouble.Stalled, Begins: true });
        Assert.True(stream.Missing >= 16000, $"{stream.Missing} samples are missing");
        await serving;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_camera_of_the_network_that_goes_out_or_falls_silent_is_taken_up_again(bool silent)
    {
        MediaFiles.NeedFfmpeg();
        using var server = new RtspServer();
        server.Serve("160x120");
        using FrameSource source = Connect($"rtsp://127.0.0.1:{server.Port}/live");
        var events = new List<SourceEvent>();
        source.Told = told =>
        {
            events.Add(told);
            if (told is not { Trouble: SourceTrouble.Lost, Begins: true }) return;
            server.Kill();
            server.Serve("320x240");
        };
        var frame = new Frame();
        for (int i = 0; i < 10; i++) Assert.True(source.Read(frame));
        Assert.Equal((160, 120), (frame.Width, frame.Height));
        if (silent) server.Stall();
        else server.Kill();
        do Assert.True(source.Read(frame));
        while (frame.Width == 160);
        Assert.Equal((320, 240), (frame.Width, frame.Height));
        Assert.Equal(silent, events.Exists(e => e is { Trouble: SourceTrouble.Stalled, Begins: true }));
        Assert.Contains(events, e => e is { Trouble: SourceTrouble.Lost, Begins: false });
    }

    [Fact]
    public void Waiting_for_a_stream_that_nobody_sends_can_be_stopped()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        Assert.Throws<OperationCanceledException>(() => FrameSource.Open($"udp://127.0.0.1:{server.Port}", stop: stop.Token).Dispose());
    }

    [Fact]
    public async Task Closing_ends_a_source_that_waits_for_its_server()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        server.Serve("tcp", ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", .. Codec]);
        using FrameSource source = Connect($"tcp://127.0.0.1:{server.Port}");
        using var lost = new ManualResetEventSlim();
        source.Told = _ => lost.Set();
        var frame = new Frame();
        Assert.True(source.Read(frame));
        server.Kill();
        Task reading = Task.Run(() =>
        {
            while (source.Read(frame))
            {
            }
        }, TestContext.Current.CancellationToken);
        Assert.True(lost.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        source.Dispose();
        await reading.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Pictures_of_another_size_in_mid_stream_flow_on()
    {
        MediaFiles.NeedFfmpeg();
        using var files = new MediaFiles();
        byte[] small = File.ReadAllBytes(files.Make("a.ts", ["-f", "lavfi", "-i", "testsrc=size=160x120:rate=25", "-frames:v", "60", .. Codec]));
        byte[] large = File.ReadAllBytes(files.Make("b.ts", ["-f", "lavfi", "-i", "testsrc=size=320x240:rate=25", "-frames:v", "60", .. Codec]));
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = Task.Run(() =>
        {
            using TcpClient client = listener.AcceptTcpClient();
            // About as fast as it plays: what comes at once, FFmpeg looks through before it begins, and leaves out.
            foreach (byte[] chunk in ((byte[])[.. small, .. large]).Chunk((small.Length + large.Length) / 48 + 1))
            {
                client.GetStream().Write(chunk);
                Thread.Sleep(100);
            }
            client.Client.Shutdown(SocketShutdown.Send);
            client.GetStream().ReadByte();
        }, TestContext.Current.CancellationToken);
        var events = new List<SourceEvent>();
        using FrameSource source = FrameSource.Open($"tcp://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", stop: TestContext.Current.CancellationToken);
        source.Told = events.Add;
        var frame = new Frame();
        do Assert.True(source.Read(frame));
        while (frame.Width == 160);
        Assert.Equal((320, 240), (frame.Width, frame.Height));
        Assert.Equal(SourceTrouble.Resized, Assert.Single(events).Trouble);
    }

    [Fact]
    public void Sound_that_is_cut_goes_on_and_says_how_much_is_missing()
    {
        MediaFiles.NeedFfmpeg();
        using var server = new StreamServer();
        string[] sine = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000", "-c:a", "mp2"];
        server.Serve("tcp", sine);
        using SoundStream stream = Retry(() =>
        {
            SoundStream opened = SoundStream.Open($"tcp://127.0.0.1:{server.Port}", 16000);
            Assert.Equal(1600, opened.Read(new float[1600]));
            return opened;
        });
        var events = new List<SourceEvent>();
        stream.Told = told =>
        {
            events.Add(told);
            if (told is { Trouble: SourceTrouble.Lost, Begins: true }) server.Serve("tcp", sine);
        };
        server.Kill();
        var part = new float[1600];
        while (!events.Exists(e => e is { Trouble: SourceTrouble.Lost, Begins: false })) Assert.Equal(part.Length, stream.Read(part));
        Assert.True(stream.Missing >= 8000, $"{stream.Missing} samples are missing");
        Assert.True(part.Max() > 0.01f);
    }

    [Fact]
    public void Waits_grow_to_half_a_minute()
    {
        var backoff = new Backoff();
        Assert.Equal([1, 2, 4, 8, 16, 30, 30], Enumerable.Range(0, 7).Select(_ => (int)backoff.Next().TotalSeconds));
        backoff.Reset();
        Assert.Equal(1, backoff.Next().TotalSeconds);
    }

    /// <summary>A sender of datagrams gives up when nobody listens yet.</summary>
    private static Task Later(Action serve) => Task.Run(() =>
    {
        Thread.Sleep(2500);
        serve();
    }, TestContext.Current.CancellationToken);

    private static FrameSource Connect(string address) => Retry(() => FrameSource.Open(address));

    /// <summary>A server takes a while until it listens.</summary>
    private static T Retry<T>(Func<T> open)
    {
        for (int tries = 1; ; tries++)
        {
            try
            {
                return open();
            }
            catch (EdgeException) when (tries < 50)
            {
                Thread.Sleep(100);
            }
        }
    }
}
