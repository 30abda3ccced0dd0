using System.Diagnostics;
using System.Security.Cryptography;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Recording;

/// <summary>Keeps all of a run that is needed to run it again and to compare the results. Recording costs time and memory, which a run without it does not spend.</summary>
internal sealed class SessionRecorder : IDisposable
{
    private readonly RecordingWriter writer;
    private readonly IReadOnlyList<InferenceSession>[] sessions;
    private readonly bool keepsPictures;
    private readonly string path;
    private readonly long[][] events;
    private readonly long[] drops = new long[Enum.GetValues<FrameOutcome>().Length];
    private long results, soundParts, heard, lastPicture = -1;

    /// <summary>Begins a recording.</summary>
    /// <param name="path">The file.</param>
    /// <param name="head">What runs.</param>
    /// <param name="pipelines">The pipelines of pictures that give results of their own; their models have run already.</param>
    public SessionRecorder(string path, RecordingHead head, IReadOnlyList<FramePipeline> pipelines)
    {
        (this.path, keepsPictures, sessions) = (path, head.SourceDigest is null, [.. pipelines.Select(p => p.Sessions)]);
        events = Array.ConvertAll(sessions, DeviceEvents.Counts);
        writer = new RecordingWriter(path, why => Console.Error.WriteLine($"The recording '{path}' ends here, the run goes on: {why}"));
        writer.Append(ChunkKind.Head, RecordingHead.Write(head));
        writer.Append(ChunkKind.Placement, RecordingHead.Write(Placement(0, [])));
    }

    /// <summary>Samples of sound that gave no result.</summary>
    public long SoundLost { get; set; }

    /// <summary>Keeps a frame with its results. On the thread that works.</summary>
    /// <param name="pipeline">Whose they are.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="result">What is known of it.</param>
    /// <param name="found">What was found.</param>
    public void Result(int pipeline, Frame frame, in FrameResult result, ReadOnlySpan<Detection> found)
    {
        if (DeviceEvents.Since(sessions[pipeline], events[pipeline]) is { Count: > 0 } happened) writer.Append(ChunkKind.Placement, RecordingHead.Write(Placement(frame.Index, [.. happened.Select(e => e.ToString()!)])));
        if (keepsPictures && frame.Index != lastPicture) writer.Append(frame);
        lastPicture = frame.Index;
        TimeSpan captured = Stopwatch.GetElapsedTime(0) - result.CaptureToResult;
        Append(ChunkKind.Result, new RecordedResult(pipeline, frame.Index, frame.Time, captured, result.CaptureToResult, result.FailedOver, found.ToArray(), Digests(sessions[pipeline])).Write);
        results++;
    }

    /// <summary>Keeps that a frame ended without a result of a pipeline. On whichever thread ended it.</summary>
    public void Drop(int pipeline, Frame frame, TimeSpan captured, FrameOutcome reason)
    {
        Append(ChunkKind.Drop, new RecordedDrop(pipeline, frame.Index, captured, reason).Write);
        Interlocked.Increment(ref drops[(int)reason]);
    }

    /// <summary>Keeps a part of sound with what was heard. On the thread that works.</summary>
    public void Sound(ReadOnlySpan<float> part, TimeSpan time, TimeSpan captured, float probability)
    {
        Append(ChunkKind.Sound, new RecordedSound(time, captured, probability, part.ToArray()).Write);
        soundParts++;
    }

    /// <summary>Keeps what a pipeline of sound heard, before the part in which it was heard.</summary>
    public void Heard(RecordedHeard what)
    {
        writer.Append(ChunkKind.Heard, RecordingHead.Write(what));
        heard++;
    }

    /// <summary>Ends the recording of a run that ended by itself, by Ctrl-C or by an error; when nobody works any more.</summary>
    /// <returns>What was kept, a line.</returns>
    /// <exception cref="EdgeException">Not all of it could be written.</exception>
    public string Complete()
    {
        Dictionary<string, long> reasons = Enum.GetValues<FrameOutcome>().Where(o => drops[(int)o] > 0).ToDictionary(o => o.ToString(), o => drops[(int)o]);
        writer.Append(ChunkKind.End, RecordingHead.Write(new RecordedEnd(results + heard, reasons, soundParts, SoundLost)));
        writer.Dispose();
        if (writer.Failure is { } failure) throw new EdgeException(ErrorCode.CannotWrite, $"The recording '{path}' ends early: {failure}", "Make room on the disk. What was written can be replayed.");
        string kept = results > 0 || soundParts == 0 ? $"{Reports.Quantity.Of(results, "result")}, {Reports.Quantity.Of(drops.Sum(), "drop")}" : $"{Reports.Quantity.Of(soundParts, "part")} of sound, {Reports.Quantity.Of(heard, "event")}";
        return $"{path}, {kept}, {writer.Length / 1e6:0.0} MB";
    }

    /// <summary>Digests of what the models gave for the last frame.</summary>
    public static byte[][] Digests(IReadOnlyList<InferenceSession> sessions)
    {
        var digests = new byte[sessions.Count][];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (int i = 0; i < digests.Length; i++)
        {
            for (int output = 0; output < sessions[i].Graph.Outputs.Count; output++) hash.AppendData(sessions[i].Output(output).Bytes);
            digests[i] = hash.GetHashAndReset()[..RecordingFormat.DigestLength];
        }
        return digests;
    }

    public void Dispose() => writer.Dispose();

    private void Append(ChunkKind kind, Action<BinaryWriter> write)
    {
        using var memory = new MemoryStream();
        using var numbers = new BinaryWriter(memory);
        write(numbers);
        writer.Append(kind, memory.ToArray());
    }

    private RecordedPlacement Placement(long frame, IReadOnlyList<string> happened) => new(frame, [.. sessions.SelectMany(s => s).Select(s => Runs(s.StepBackends))], happened);

    /// <summary>Steps that run on the same backend one after the other, told together.</summary>
    private static string Runs(IReadOnlyList<string>? backends)
    {
        var parts = new List<string>();
        for (int first = 0, end; first < (backends?.Count ?? 0); first = end)
        {
            for (end = first + 1; end < backends!.Count && backends[end] == backends[first]; end++)
            {
            }
            parts.Add($"{backends[first]} {end - first}");
        }
        return string.Join(", ", parts);
    }
}
