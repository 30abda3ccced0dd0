using EdgeRuntime.Diagnostics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Pipelines.Speech;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tools.Runs;

namespace EdgeRuntime.Tools.Recording;

/// <summary>Runs a recorded session again: the same frames through the same models with the same drops, and the same sound with the same losses. Every result is compared.</summary>
/// <param name="recording">The recording.</param>
/// <param name="pipelines">The pipelines of pictures that gave results of their own.</param>
/// <param name="voice">Listens to sound, or null.</param>
/// <param name="sources">Where frames come from whose pixels are not in the recording: for each pipeline the whole source, since each went its own way through it; or null.</param>
internal sealed class Replay(RecordingReader recording, IReadOnlyList<FramePipeline> pipelines, VoiceDetector? voice, IReadOnlyList<FrameSource>? sources)
{
    private readonly PictureCodec codec = new();
    private readonly Frame picture = new();
    private readonly Frame[] frames = [.. pipelines.Select(_ => new Frame())];
    private readonly Dictionary<string, long> drops = [];
    private bool hasPicture;
    private long heard;
    private int lastPart;

    /// <summary>Results that were compared.</summary>
    public long Results { get; private set; }

    /// <summary>Results that were not the recorded ones.</summary>
    public long Different { get; private set; }

    /// <summary>Parts of sound that were compared.</summary>
    public long SoundParts { get; private set; }

    /// <summary>Parts of sound in which something else was heard.</summary>
    public long SoundDifferent { get; private set; }

    /// <summary>Frames that were dropped, by reason.</summary>
    public IReadOnlyDictionary<string, long> Drops => drops;

    /// <summary>The first difference, or null.</summary>
    public ReplayDifference? First { get; private set; }

    /// <summary>What the recording says of where the models ran, in order.</summary>
    public List<RecordedPlacement> Placements { get; } = [];

    /// <summary>The totals of the run; null where it was killed.</summary>
    public RecordedEnd? End { get; private set; }

    /// <summary>Runs all of it.</summary>
    /// <exception cref="EdgeException">The recording is damaged, its source has changed, or the pipeline failed.</exception>
    public void Run(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && recording.Next(out ChunkKind kind) is { } chunk)
        {
            switch (kind)
            {
                case ChunkKind.Placement:
                    if (Placements.Count < 1024) Placements.Add(RecordingHead.Read<RecordedPlacement>(chunk));
                    break;
                case ChunkKind.Picture:
                    hasPicture = RecordingReader.Parse(chunk, reader => codec.Decode(reader, picture));
                    break;
                case ChunkKind.Result:
                    Compare(RecordingReader.Parse(chunk, RecordedResult.Read));
                    break;
                case ChunkKind.Drop:
                    string reason = RecordingReader.Parse(chunk, RecordedDrop.Read).Reason.ToString();
                    drops[reason] = drops.GetValueOrDefault(reason) + 1;
                    break;
                case ChunkKind.Sound:
                    Compare(RecordingReader.Parse(chunk, RecordedSound.Read));
                    break;
                case ChunkKind.End:
                    End = RecordingHead.Read<RecordedEnd>(chunk);
                    break;
                default:
                    throw RecordingFormat.Damaged($"a chunk of the unknown kind {(int)kind}");
            }
        }
    }

    private void Compare(RecordedResult recorded)
    {
        if (recorded.Pipeline >= pipelines.Count) throw RecordingFormat.Damaged($"a result of pipeline {recorded.Pipeline + 1} of {pipelines.Count}");
        FramePipeline pipeline = pipelines[recorded.Pipeline];
        Frame frame = Find(recorded);
        frame.Time = recorded.Time;
        ReadOnlySpan<Detection> found = pipeline.Process(frame);
        Results++;
        if (ReplayDifference.Of(recorded, found, SessionRecorder.Digests(pipeline.Sessions), [.. pipeline.Sessions.Select(s => s.Graph.Name)]) is not { } different) return;
        Different++;
        First ??= different;
    }

    /// <summary>The frames of a pipeline are in order; those between were dropped.</summary>
    private Frame Find(RecordedResult recorded)
    {
        if (sources is null)
        {
            // Several pipelines may have had results of the same picture.
            return hasPicture && picture.Index == recorded.Index ? picture : throw RecordingFormat.Damaged($"the picture of frame {recorded.Index} is missing");
        }
        (FrameSource source, Frame frame) = (sources[recorded.Pipeline], frames[recorded.Pipeline]);
        do
        {
            if (!source.Read(frame)) throw new EdgeException(ErrorCode.CannotRead, $"'{source.Name}' ends before frame {recorded.Index}, which was recorded.", "Give the file that was recorded as --source.");
        }
        while (frame.Index < recorded.Index);
        return frame.Index == recorded.Index ? frame : throw RecordingFormat.Damaged($"frame {recorded.Index} is not in order");
    }

    private void Compare(RecordedSound recorded)
    {
        if (voice is null || recorded.Samples.Length != voice.WindowSamples) throw RecordingFormat.Damaged("sound of another length than its model takes");
        // As the lane does: what is remembered is of no use after a loss.
        long position = (long)Math.Round(recorded.Time.TotalSeconds * voice.SampleRate);
        if (position != heard + lastPart) voice.Reset();
        (heard, lastPart) = (position, recorded.Samples.Length);
        float now = voice.Process(recorded.Samples);
        long part = SoundParts++;
        if (BitConverter.SingleToInt32Bits(now) == BitConverter.SingleToInt32Bits(recorded.Probability)) return;
        SoundDifferent++;
        First ??= new ReplayDifference(part, "probability of speech in that part of the sound", $"{recorded.Probability:R}", $"{now:R}");
    }
}
