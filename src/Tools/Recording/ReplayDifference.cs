using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Tools.Recording;

/// <summary>The first value in which a replayed result is not the recorded one.</summary>
/// <param name="Frame">The frame's number in its source, or the part of sound's.</param>
/// <param name="What">The value, such as "result 2, x".</param>
/// <param name="Recorded">What was recorded.</param>
/// <param name="Replayed">What it is now.</param>
internal sealed record ReplayDifference(long Frame, string What, string Recorded, string Replayed)
{
    /// <summary>Compares what was found, bit by bit, and then what the models gave.</summary>
    public static ReplayDifference? Of(RecordedResult recorded, ReadOnlySpan<Detection> found, byte[][] outputs, IReadOnlyList<string> models)
    {
        for (int n = 0; n < Math.Min(recorded.Found.Length, found.Length); n++)
        {
            ref readonly Detection a = ref recorded.Found[n], b = ref found[n];
            string of = $"result {n + 1}";
            if ((Numbers(a.X, b.X, "x") ?? Numbers(a.Y, b.Y, "y") ?? Numbers(a.Width, b.Width, "width") ?? Numbers(a.Height, b.Height, "height") ?? Numbers(a.Score, b.Score, "score")
                ?? Counts(a.Label, b.Label, "class") ?? Counts(a.Track, b.Track, "track") ?? Counts(a.PointCount, b.PointCount, "number of points")) is { } different) return different;
            for (int i = 0; i < a.PointCount; i++)
                if ((Numbers(a.Points[i].X, b.Points[i].X, $"point {i + 1}, x") ?? Numbers(a.Points[i].Y, b.Points[i].Y, $"point {i + 1}, y")) is { } moved) return moved;

            ReplayDifference? Numbers(float was, float now, string what) => BitConverter.SingleToInt32Bits(was) == BitConverter.SingleToInt32Bits(now) ? null : new(recorded.Index, $"{of}, {what}", $"{was:R}", $"{now:R}");
            ReplayDifference? Counts(int was, int now, string what) => was == now ? null : new(recorded.Index, $"{of}, {what}", $"{was}", $"{now}");
        }
        if (recorded.Found.Length != found.Length) return new ReplayDifference(recorded.Index, "number of results", $"{recorded.Found.Length}", $"{found.Length}");
        if (recorded.Outputs.Length != outputs.Length) return new ReplayDifference(recorded.Index, "number of models", $"{recorded.Outputs.Length}", $"{outputs.Length}");
        for (int i = 0; i < outputs.Length; i++)
            if (!recorded.Outputs[i].AsSpan().SequenceEqual(outputs[i]))
                return new ReplayDifference(recorded.Index, $"outputs of {models[i]}", Convert.ToHexStringLower(recorded.Outputs[i]), Convert.ToHexStringLower(outputs[i]));
        return null;
    }
}
