using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Linear interpolation of quantized numbers along one axis or two neighbouring ones, with whole weights.</summary>
internal static class QuantizedResizeLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var op = (Resize)step.Operator;
        TensorType x = step.InputType(0), y = step.OutputType();
        if (step.FirstComputed(1) is { } computed) return GpuLowering.Reject($"input {computed} is computed");
        if (y.Shape.Count is 0 or > int.MaxValue - 4) return GpuLowering.Reject("there are no elements, or too many for a dispatch");
        var taps = new QuantizedTaps(op.Taps(step.Operands(), y.Shape), x, op.Result);
        int first = x.Shape.Rank, last = -1;
        for (int axis = 0; axis < x.Shape.Rank; axis++)
            if (!IsIdentity(taps.Axes[axis], x.Shape[axis])) (first, last) = (Math.Min(first, axis), axis);
        if (last < 0) first = last = x.Shape.Rank - 1;
        if (last - first > 1) return GpuLowering.Reject("resizing of axes apart from each other has no shader");

        int channels = (int)x.Shape.Product(last + 1, x.Shape.Rank), width = channels % 4 == 0 ? 4 : 1;
        (int Index, int Weight)[][] columns = taps.Axes[last], rows = first < last ? taps.Axes[first] : [[(0, 1)]];
        var places = new List<int>();
        var weights = new List<int>();
        int across = Add(columns, channels), down = Add(rows, first < last ? x.Shape[last] * channels : 0);
        int total = columns[0].Sum(t => t.Weight) * rows[0].Sum(t => t.Weight);
        (int low, int high) = Requantize.Range(op.Result.Type);
        long words = (y.Shape.Count + 3) / 4;
        return GpuLowering.To(new GpuCandidate($"resize_i8_{width}", new Dispatch("resize_i8", [step.Input(0), step.PackIntegers([.. places, .. weights]), step.Output()],
            Grid.Linear(words, QuantizedNumbers.GroupSize, step.Traits.MaxGroups), new Grid(QuantizedNumbers.GroupSize),
            [
                ("WIDTH", width), ("COUNT", (int)y.Shape.Count), ("CHANNELS", channels), ("COLUMNS", columns.Length), ("ROWS", rows.Length), ("PICTURE", (int)x.Shape.Product(first, x.Shape.Rank)),
                ("ACROSS", across), ("DOWN", down),
            ],
            [QuantizedNumbers.Flip(x.DataType), unchecked(total * QuantizedNumbers.Zero(x)), Dispatch.Bits(taps.Multiplier), taps.ZeroY, low, high])));

        int Add((int Index, int Weight)[][] axis, int step)
        {
            int most = axis.Max(t => t.Length);
            foreach ((int Index, int Weight)[] own in axis)
                for (int t = 0; t < most; t++)
                {
                    places.Add(own[Math.Min(t, own.Length - 1)].Index * step);
                    weights.Add(t < own.Length ? own[t].Weight : 0);
                }
            return most;
        }
    }

    private static bool IsIdentity((int Index, int Weight)[][] axis, int size)
    {
        if (axis.Length != size) return false;
        for (int i = 0; i < size; i++)
            if (axis[i] is not [(int index, 1)] || index != i) return false;
        return true;
    }
}
