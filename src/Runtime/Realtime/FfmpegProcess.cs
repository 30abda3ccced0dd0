using System.ComponentModel;
using System.Diagnostics;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Realtime;

/// <summary>A running program of FFmpeg. Its messages are drained by a thread; it ends with us, whichever way we end.</summary>
internal sealed class FfmpegProcess : IDisposable
{
    /// <summary>The exit code of FFmpeg when a signal, such as that of Ctrl-C, asked it to end and it completed its files first.</summary>
    public const int EndedBySignal = 255;

    private readonly Process process;
    private readonly Thread drain;
    private readonly EventHandler exit;
    private int disposed;

    /// <summary>Starts the program with its arguments passed one by one, never through a shell.</summary>
    /// <exception cref="EdgeException">It cannot be started (MissingTool).</exception>
    public FfmpegProcess(string program, IEnumerable<string> arguments, FfmpegLog log)
    {
        Log = log;
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AV_LOG_FORCE_NOCOLOR"] = "1";
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EdgeException(ErrorCode.MissingTool, $"{program} cannot be started: {e.Message}", FfmpegTools.HowToInstall, e);
        }
        Output = process.StandardOutput.BaseStream;
        Input = process.StandardInput.BaseStream;
        exit = (_, _) => Kill();
        AppDomain.CurrentDomain.ProcessExit += exit;
        drain = new Thread(Drain) { IsBackground = true, Name = "ffmpeg messages" };
        drain.Start();
    }

    public FfmpegLog Log { get; }

    /// <summary>What the program writes.</summary>
    public Stream Output { get; }

    /// <summary>What the program reads.</summary>
    public Stream Input { get; }

    public int Id => process.Id;

    /// <summary>Waits until the program has ended and all its messages are in; its exit code, or null after the time.</summary>
    public int? Wait(TimeSpan atMost)
    {
        if (!process.WaitForExit(atMost)) return null;
        // A grandchild could hold the pipe open; the messages so far must do then.
        drain.Join(TimeSpan.FromSeconds(2));
        return process.ExitCode;
    }

    /// <summary>Runs a program to its end and returns what it wrote, at most <paramref name="maxBytes"/>.</summary>
    /// <exception cref="EdgeException">It fails, writes more, or takes longer than <paramref name="atMost"/>.</exception>
    public static byte[] Capture(string program, string[] arguments, string what, TimeSpan atMost, int maxBytes)
    {
        var log = new FfmpegLog();
        using var child = new FfmpegProcess(program, arguments, log);
        child.Input.Dispose();
        using var timer = new Timer(_ => child.Kill(), null, atMost, Timeout.InfiniteTimeSpan);
        var bytes = new MemoryStream();
        var block = new byte[16384];
        for (int got; (got = child.Output.Read(block)) > 0;)
        {
            bytes.Write(block, 0, got);
            if (bytes.Length > maxBytes) throw new EdgeException(ErrorCode.CannotDecode, $"{what} cannot be examined: its description is endless.");
        }
        if (child.Wait(atMost) is 0) return bytes.ToArray();
        throw new EdgeException(ErrorCode.CannotDecode, $"{what} cannot be decoded: {log.Tail("it took too long")}",
            "Check that it is a picture or a video, and whole.");
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0) return;
        AppDomain.CurrentDomain.ProcessExit -= exit;
        Kill();
        process.WaitForExit();
        drain.Join(TimeSpan.FromSeconds(2));
        Output.Dispose();
        try
        {
            Input.Dispose();
        }
        catch (IOException)
        {
            // What was still to be written has no reader any more.
        }
        process.Dispose();
    }

    /// <summary>Ends the program at once, if it still runs.</summary>
    public void Kill()
    {
        try
        {
            process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself in the meantime.
        }
    }

    private void Drain()
    {
        try
        {
            Log.ReadAll(process.StandardError.BaseStream);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The pipe broke because the process is being ended.
        }
        Log.End();
    }
}
