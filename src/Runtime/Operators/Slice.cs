using EdgeRuntime.Tensors;

namespace EdgeRuntime.Operators;

/// <summary>
/// Every step-th element from a start up to, but not including, an end along some axes; negative positions count from the end,
/// positions outside are clamped, and negative steps go backwards (ONNX Slice-13). What inputs 1 to 4 give replaces the attribute.
/// </summary>
internal sealed class Slice : Operator
{
    public long[] Starts = [];
    public long[] Ends = [];

    /// <summary>The axes; empty for the first ones.</summary>
    public long[] Axes = [];

    /// <summary>The steps; empty for 1.</summary>
    public long[] Steps = [];

    public override void Attributes(AttributeCodec codec)
    {
        codec.Longs("starts", ref Starts);
        codec.Longs("ends", ref Ends);
        codec.Longs("axes", ref Axes);
        codec.Longs("steps", ref Steps);
    }

    public override TensorType[] Infer(ReadOnlySpan<Operand> inputs)
    {
        RequireInputs(inputs, 1, 5);
        Shape x = inputs[0].Shape;
        if (x.IsUnranked) return [Moved(inputs[0].Type, x)];
        Span<long> first = stackalloc long[Shape.MaxRank], step = stackalloc long[Shape.MaxRank];
        return [Moved(inputs[0].Type, Resolve(inputs, first, step))];
    }

    public override Cost Cost(ReadOnlySpan<TensorType> inputs, ReadOnlySpan<TensorType> outputs) =>
        new(0, 2 * outputs[0].ByteCount);

    public override void Evaluate(ReadOnlySpan<TensorView> inputs, ReadOnlySpan<TensorView> outputs)
    {
        Span<long> first = stackalloc long[Shape.MaxRank], step = stackalloc long[Shape.MaxRank], strides = stackalloc long[Shape.MaxRank];
        Shape y = Resolve(Operand.Known(inputs), first, step);
        Broadcast.Strides(inputs[0].Shape, strides);
        long offset = 0;
        for (int axis = 0; axis < y.Rank; axis++)
        {
            offset += first[axis] * strides[axis];
            strides[axis] *= step[axis];
        }
        StridedCopy.Run(inputs[0], outputs[0], y, strides, offset);
    }

    /// <summary>The resulting shape, and for each axis where it starts and how it steps as far as that is known.</summary>
    public Shape Resolve(ReadOnlySpan<Operand> inputs, Span<long> first, Span<long> step)
    {
        Shape x = inputs[0].Shape, y = x;
        first[..x.Rank].Clear();
        step[..x.Rank].Fill(1);
        long[]? starts = Integers(inputs, 1, Starts), ends = Integers(inputs, 2, Ends), axes = Integers(inputs, 3, Axes), steps = Integers(inputs, 4, Steps);
        // Empty axes and steps stand for as many as there are starts.
        int count = starts?.Length ?? ends?.Length ?? (axes is { Length: > 0 } ? axes.Length : Shape.Unknown);
        if (axes is null || count < 0) return Shape.OfRank(x.Rank);
        if (axes.Length == 0) axes = Array.ConvertAll([.. Enumerable.Range(0, count)], i => (long)i);
        if (axes.Length != count || (ends is not null && ends.Length != count) || (steps is { Length: > 0 } && steps.Length != count))
            throw Invalid("starts, ends, axes and steps differ in length.");

        Span<bool> seen = stackalloc bool[x.Rank];
        seen.Clear();
        for (int i = 0; i < count; i++)
        {
            int axis = NormalizeAxis(axes[i], x.Rank);
            if (seen[axis]) throw Invalid($"axis {axis} is sliced twice.");
            seen[axis] = true;
            if (starts is null || ends is null || steps is null)
            {
                y = y.With(axis, Shape.Unknown);
                continue;
            }
            step[axis] = steps.Length == 0 ? 1 : steps[i];
            if (step[axis] is 0 or < -int.MaxValue) throw Invalid($"the step {step[axis]} along axis {axis} is not possible.");
            y = y.With(axis, Along(x[axis], starts[i], ends[i], step[axis], out first[axis]));
        }
        return y;
    }

    private static int Along(int size, long start, long end, long step, out long first)
    {
        first = 0;
        // A whole axis of unknown size stays the same size.
        if (size < 0) return start == 0 && end >= int.MaxValue && step == 1 ? size : Shape.Unknown;
        if (size == 0) return 0;
        long lowest = step > 0 ? 0 : -1, highest = step > 0 ? size : size - 1;
        first = Math.Clamp(start < 0 ? start + size : start, step > 0 ? 0 : -1, highest);
        long last = Math.Clamp(end < 0 ? end + size : end, lowest, highest);
        long distance = step > 0 ? last - first : first - last, stride = Math.Abs(step);
        return distance <= 0 ? 0 : (int)((distance - 1) / stride + 1);
    }
}
