using System.Text.Json;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Runs;

/// <summary>Several pipelines that see the same frames, one after the other; what they find is put together.</summary>
/// <param name="parts">The pipelines, which belong to this one. An array: going through a list by its interface makes garbage.</param>
internal sealed class CombinedPipeline(FramePipeline[] parts) : FramePipeline
{
    private Detection[] found = new Detection[64];
    private int count, part;

    public override IReadOnlyList<string> Labels { get; } = [.. parts.SelectMany(p => p.Labels)];

    public override StageTimes LastTimes
    {
        get
        {
            TimeSpan preprocess = default, inference = default, decode = default;
            foreach (FramePipeline one in parts)
            {
                StageTimes times = one.LastTimes;
                (preprocess, inference, decode) = (preprocess + times.Preprocess, inference + times.Inference, decode + times.Decode);
            }
            return new StageTimes(preprocess, inference, decode);
        }
    }

    public override bool PreprocessesOnDevice => Array.Exists(parts, p => p.PreprocessesOnDevice);

    public override InferenceSession Session => parts[0].Session;

    public override IReadOnlyList<InferenceSession> Sessions { get; } = [.. parts.SelectMany(p => p.Sessions)];

    public override IReadOnlyList<FramePipeline> Parts => parts;

    public override string Name { get; } = string.Join('+', parts.Select(p => p.Name));

    public override long FailOvers
    {
        get
        {
            long sum = 0;
            foreach (FramePipeline one in parts) sum += one.FailOvers;
            return sum;
        }
    }

    public override ReadOnlySpan<Detection> Found => found.AsSpan(0, count);

    public override ReadOnlySpan<Detection> Process(Frame frame)
    {
        Abandon();
        foreach (FramePipeline one in parts) one.Process(frame);
        Join();
        return Found;
    }

    public override bool Advance(Frame frame, in TimeBudget budget)
    {
        for (; part < parts.Length; part++)
            if (!parts[part].Advance(frame, budget)) return false;
        part = 0;
        Join();
        return true;
    }

    public override void Abandon()
    {
        parts[part].Abandon();
        part = 0;
    }

    public override void DrawUnder(Frame frame)
    {
        foreach (FramePipeline one in parts) one.DrawUnder(frame);
    }

    public override void WriteJson(Utf8JsonWriter json, int index)
    {
        foreach (FramePipeline one in parts)
        {
            if (index < one.Found.Length)
            {
                one.WriteJson(json, index);
                return;
            }
            index -= one.Found.Length;
        }
    }

    public override void WarmUp(Realtime.FrameSource? source = null)
    {
        foreach (FramePipeline one in parts) one.WarmUp(source);
        Join();
    }

    public override void Dispose()
    {
        foreach (FramePipeline one in parts) one.Dispose();
    }

    private void Join()
    {
        (count, int firstLabel) = (0, 0);
        foreach (FramePipeline one in parts)
        {
            ReadOnlySpan<Detection> own = one.Found;
            if (count + own.Length > found.Length) Array.Resize(ref found, Math.Max(count + own.Length, 2 * found.Length));
            foreach (ref readonly Detection detection in own)
            {
                found[count] = detection;
                found[count++].Label += firstLabel;
            }
            firstLabel += one.Labels.Count;
        }
    }
}
