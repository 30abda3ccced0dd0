using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Tools.Recording;

/// <summary>Lets a pipeline hear a recorded sound again, the same parts with the same losses between, and compares what it hears.</summary>
/// <param name="recording">The recording.</param>
internal sealed class SoundReplay(RecordingReader recording)
{
    private readonly Queue<RecordedHeard> recorded = [], heard = [];

    /// <summary>Parts of sound that were compared.</summary>
    public long Parts { get; private set; }

    /// <summary>Parts of which the model gave something else.</summary>
    public long PartsDifferent { get; private set; }

    /// <summary>What was heard and compared.</summary>
    public long Heard { get; private set; }

    /// <summary>What was heard otherwise, or only once.</summary>
    public long HeardDifferent { get; private set; }

    /// <summary>The first difference, or null; its number is that of the part.</summary>
    public ReplayDifference? First { get; private set; }

    /// <summary>The totals of the run; null where it was killed.</summary>
    public RecordedEnd? End { get; private set; }

    /// <summary>Gives the sound to someone.</summary>
    /// <param name="sampleRate">Samples a second.</param>
    /// <param name="samples">Most samples of a part.</param>
    /// <param name="stage">Who hears.</param>
    /// <param name="probability">What the model gave for the last part.</param>
    /// <param name="stop">Ends it.</param>
    /// <returns>How many seconds there were.</returns>
    /// <exception cref="Diagnostics.EdgeException">The recording is damaged.</exception>
    public double Feed(int sampleRate, int samples, ISoundStage stage, Func<float> probability, CancellationToken stop)
    {
        long expected = 0, given = 0;
        while (!stop.IsCancellationRequested && recording.Next(out ChunkKind kind) is { } chunk)
        {
            switch (kind)
            {
                case ChunkKind.Placement:
                    break;
                case ChunkKind.Heard:
                    recorded.Enqueue(RecordingHead.Read<RecordedHeard>(chunk));
                    Match();
                    break;
                case ChunkKind.Sound:
                    RecordedSound part = RecordingReader.Parse(chunk, RecordedSound.Read);
                    if (part.Samples.Length > samples) throw RecordingFormat.Damaged("sound of another length than its model takes");
                    long position = (long)Math.Round(part.Time.TotalSeconds * sampleRate);
                    // As the lane does: what is remembered is of no use after a loss.
                    if (position != expected) stage.Reset();
                    expected = position + part.Samples.Length;
                    given += part.Samples.Length;
                    stage.Advance(part.Samples, part.Time, TimeBudget.Unlimited);
                    float now = probability();
                    if (BitConverter.SingleToInt32Bits(now) != BitConverter.SingleToInt32Bits(part.Probability))
                    {
                        PartsDifferent++;
                        First ??= new ReplayDifference(Parts, "what the model gave for that part of the sound", $"{part.Probability:R}", $"{now:R}");
                    }
                    Parts++;
                    break;
                case ChunkKind.End:
                    End = RecordingHead.Read<RecordedEnd>(chunk);
                    break;
                default:
                    throw RecordingFormat.Damaged($"a chunk of the kind {(int)kind}, which a recording of sound does not have");
            }
        }
        return (double)given / sampleRate;
    }

    /// <summary>Takes what the pipeline heard now.</summary>
    public void Tell(RecordedHeard now)
    {
        heard.Enqueue(now);
        Match();
    }

    /// <summary>Counts what was heard only once. What a run that was killed would have heard in its end is not known.</summary>
    public void Finish()
    {
        int over = recorded.Count + (End is null ? 0 : heard.Count);
        if (over == 0) return;
        (Heard, HeardDifferent) = (Heard + over, HeardDifferent + over);
        First ??= new ReplayDifference(Parts, "what was heard", recorded.TryPeek(out RecordedHeard? was) ? was.ToString() : "nothing", heard.TryPeek(out RecordedHeard? now) ? now.ToString() : "nothing");
    }

    private void Match()
    {
        while (recorded.Count > 0 && heard.Count > 0)
        {
            RecordedHeard was = recorded.Dequeue(), now = heard.Dequeue();
            Heard++;
            if (was == now) continue;
            HeardDifferent++;
            First ??= new ReplayDifference(Parts, "what was heard", was.ToString(), now.ToString());
        }
    }
}
