using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Chooses a range for each quantized value: the grid of pixels for a picture, the bounds of functions that have some, and else what costs the readers least. Values that are joined into one share its range, so
/// that bytes are joined as they are.
/// </summary>
internal static class RangeChoice
{
    /// <summary>The ranges.</summary>
    /// <param name="plan">What is to be in integers.</param>
    /// <param name="statistics">What was seen of each quantized value.</param>
    /// <param name="metadata">What the model says of itself.</param>
    /// <param name="method">The way to find ranges.</param>
    public static Dictionary<Value, ValueRange> Choose(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueStatistics> statistics, ModelMetadata metadata, RangeMethod method = RangeMethod.Best)
    {
        var ranges = new Dictionary<Value, ValueRange>();
        foreach (IReadOnlyList<Value> group in RangeGroups.Of(plan, statistics))
        {
            ValueRange range;
            if (group.Count == 1)
            {
                range = One(plan, group[0], statistics[group[0]], metadata, method);
            }
            else
            {
                var together = new ValueStatistics();
                foreach (Value value in group) together.Add(statistics[value]);
                bool isKept = group.Any(v => ReachesUser(plan, v));
                range = RangeSearch.Find(together, [], isKept ? RangeMethod.MinMax : method);
            }
            foreach (Value value in group) ranges[value] = range;
        }
        return ranges;
    }

    private static ValueRange One(QuantizationPlan plan, Value value, ValueStatistics statistics, ModelMetadata metadata, RangeMethod method)
    {
        if (PixelGrid(value, metadata) is { } pixels) return pixels;
        if (!statistics.IsEmpty && Bounds(value) is { } bounds && statistics.Max - statistics.Min > (bounds.High - bounds.Low) / 2) return bounds;
        // What users get as bytes keeps its extremes: scores lie in the tail.
        ValueRange? limits = Bounds(value);
        return RangeSearch.Find(statistics, Readers(plan, value), ReachesUser(plan, value) ? RangeMethod.MinMax : method, limits?.Low ?? double.NegativeInfinity, limits?.High ?? double.PositiveInfinity);
    }

    /// <summary>The range in which each pixel is one number, where one scale serves all channels and 0 is a pixel.</summary>
    private static ValueRange? PixelGrid(Value value, ModelMetadata metadata)
    {
        if (value.Producer is not null || metadata.Image is not { } image || image.Input != value.Name) return null;
        float scale = image.Scale[0], offset = image.Offset[0];
        if (!(scale > 0) || image.Scale.Any(s => s != scale) || image.Offset.Any(o => o != offset)) return null;
        double zero = -offset / (double)scale;
        return zero is >= 0 and <= 255 && Math.Abs(zero - Math.Round(zero)) < 1e-3 ? new ValueRange(offset, (float)(255.0 * scale + offset), "fixed") : null;
    }

    /// <summary>The bounds of the function that makes a value.</summary>
    private static ValueRange? Bounds(Value value) => value.Producer?.Operator switch
    {
        Unary { Function: UnaryFunction.Sigmoid or UnaryFunction.HardSigmoid } or Softmax => new ValueRange(0, 1, "fixed"),
        Unary { Function: UnaryFunction.Tanh or UnaryFunction.Softsign or UnaryFunction.Erf or UnaryFunction.Sin or UnaryFunction.Cos } => new ValueRange(-1, 1, "fixed"),
        Unary { Function: UnaryFunction.Clip } clip => Clip(clip.Alpha, clip.Beta),
        Conv { Activation: { Function: UnaryFunction.Clip } clip } => Clip(clip.Alpha, clip.Beta),
        MatMul { Activation: { Function: UnaryFunction.Clip } clip } => Clip(clip.Alpha, clip.Beta),
        Binary { Activation: { Function: UnaryFunction.Clip } clip } => Clip(clip.Alpha, clip.Beta),
        _ => null,
    };

    private static ValueRange? Clip(float low, float high) => low < high && float.IsFinite(low) && float.IsFinite(high) ? ValueRange.Of(low, high, "fixed") : null;

    /// <summary>What readers make of an element: functions of one number; none where a reader takes it as it is.</summary>
    private static List<Func<double, double>> Readers(QuantizationPlan plan, Value value)
    {
        var functions = new List<Func<double, double>>();
        bool plain = false;
        foreach (Node node in RangeGroups.Readers(value))
        {
            if (node.Operator is Unary { Result.IsNone: true } unary && plan.Integer.Contains(node)) functions.Add(x => UnaryMath.Apply(unary.Function, x, unary.Alpha, unary.Beta));
            else plain = true;
        }
        if (plain && functions.Count > 0) functions.Add(x => x);
        return functions;
    }

    /// <summary>True when a user gets the value as it is, moved at most.</summary>
    private static bool ReachesUser(QuantizationPlan plan, Value value) => plan.IsMadeOfIntegers(value) && RangeGroups.Moved(value).Any(v => plan.IsOutput(v));
}
