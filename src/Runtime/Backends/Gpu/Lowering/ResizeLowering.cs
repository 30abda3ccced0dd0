using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Resizing: copies where one neighbour is all a result is made of, else weighted sums of neighbours that tables name.</summary>
internal static class ResizeLowering
{
    private const int GroupSize = 64;

    /// <summary>Channels, or groups of four, that an invocation computes with the same weights.</summary>
    private static readonly int[] Parts = [4, 2, 1];

    public static GpuLowering Lower(GpuStep step)
    {
        var op = (Resize)step.Operator;
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        if (step.FirstComputed(1) is { } computed) return GpuLowering.Reject($"input {computed} is computed");
        if (y.Count == 0) return GpuLowering.To(new GpuCandidate("nothing"));
        ResizeTaps[] taps = op.Taps(step.Operands(), y);
        bool crops = op.Coordinates == ResizeCoordinates.CropAndResize;
        if (!crops && Enumerable.Range(0, x.Rank).All(axis => Enumerable.Range(0, y[axis]).All(i => taps[axis].Of(i).Length == 1)))
            return Nearest(step, taps);
        if (step.OutputType().DataType != DataType.F32) return GpuLowering.Reject($"{step.OutputType().DataType} has no resize shader");

        List<(int First, int Last)> passes = Passes(x, y, taps, crops);
        if (passes.Count == 0) passes.Add((Math.Max(0, x.Rank - 1), x.Rank - 1));
        var candidates = new List<GpuCandidate>();
        BufferRef[] between = [.. passes.SkipLast(1).Select(pass => step.Scratch(After(x, y, pass.Last).Count))];
        (BufferRef Places, BufferRef Weights)[] tables = [.. passes.Select(pass => Tables(step, op, taps, x, y, pass))];
        foreach (int part in Parts)
        {
            var dispatches = new Dispatch[passes.Count];
            for (int i = 0; i < dispatches.Length; i++)
            {
                dispatches[i] = Pass(step, op, taps, x, y, passes[i], part, tables[i],
                    i == 0 ? step.Input(0) : between[i - 1], i == dispatches.Length - 1 ? step.Output() : between[i]);
            }
            int own = dispatches[0].Constants.First(c => c.Name == "PART").Value;
            if (own == part || part == 1) candidates.Add(new GpuCandidate($"{dispatches[0].Kernel}_{own}", dispatches));
        }
        return GpuLowering.To([.. candidates]);
    }

    private static GpuLowering Nearest(GpuStep step, ResizeTaps[] taps)
    {
        Shape x = step.InputType(0).Shape, y = step.OutputType().Shape;
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x, strides);
        var axes = new LookedUpAxis[x.Rank];
        for (int axis = 0; axis < axes.Length; axis++)
        {
            long stride = strides[axis];
            axes[axis] = IsIdentity(taps[axis], x[axis], y[axis]) ? new(y[axis], stride)
                : new(y[axis], 0, [.. Enumerable.Range(0, y[axis]).Select(i => (int)(taps[axis].Of(i)[0].Index * stride))]);
        }
        return LookupLowering.Lower(step, axes);
    }

    /// <summary>The axes that change, neighbours in pairs.</summary>
    private static List<(int First, int Last)> Passes(in Shape x, in Shape y, ResizeTaps[] taps, bool crops)
    {
        var passes = new List<(int First, int Last)>();
        for (int axis = 0; axis < x.Rank; axis++)
        {
            if (IsIdentity(taps[axis], x[axis], y[axis]) && !(crops && Enumerable.Range(0, y[axis]).Any(taps[axis].Outside))) continue;
            if (passes.Count > 0 && passes[^1] is var pass && pass.First == pass.Last && pass.Last == axis - 1) passes[^1] = (pass.First, axis);
            else passes.Add((axis, axis));
        }
        return passes;
    }

    private static Dispatch Pass(GpuStep step, Resize op, ResizeTaps[] taps, in Shape x, in Shape y, (int First, int Last) pass, int part,
        (BufferRef Places, BufferRef Weights) tables, BufferRef from, BufferRef to)
    {
        Shape before = After(x, y, pass.First - 1), after = After(x, y, pass.Last);
        bool pair = pass.First < pass.Last;
        int rows = pair ? y[pass.First] : 1, columns = y[pass.Last], channels = (int)after.Product(pass.Last + 1, after.Rank);
        int run = channels % 4 == 0 ? 4 : 1, groups = channels / run, own = Parts.First(p => p <= part && groups % p == 0);
        int picture = (int)before.Product(pass.First, before.Rank) / run;
        long count = after.Count / (run * own);
        return new Dispatch(run == 4 ? "resize4" : "resize", [from, tables.Places, tables.Weights, to], Grid.Linear(count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            [("COUNT", (int)count), ("CHANNELS", groups), ("PART", own), ("COLUMNS", columns), ("ROWS", rows), ("PICTURE", picture),
                ("ACROSS", Most(taps[pass.Last], columns)), ("DOWN", pair ? Most(taps[pass.First], rows) : 1)],
            [Dispatch.Bits(op.Extrapolation)]);
    }

    /// <summary>Places and weights of each column, then of each row.</summary>
    private static (BufferRef Places, BufferRef Weights) Tables(GpuStep step, Resize op, ResizeTaps[] taps, in Shape x, in Shape y, (int First, int Last) pass)
    {
        Shape before = After(x, y, pass.First - 1);
        int channels = (int)before.Product(pass.Last + 1, before.Rank), run = channels % 4 == 0 ? 4 : 1;
        bool crops = op.Coordinates == ResizeCoordinates.CropAndResize;
        var places = new List<int>();
        var weights = new List<float>();
        Add(taps[pass.Last], y[pass.Last], channels / run);
        if (pass.First < pass.Last) Add(taps[pass.First], y[pass.First], before[pass.Last] * channels / run);
        else Add(null, 1, 0);
        float[] all = [.. weights];
        return (step.PackIntegers([.. places]), step.Pack(all.Length, elements => all.CopyTo(elements)));

        void Add(ResizeTaps? axis, int size, int step)
        {
            int most = axis is null ? 1 : Most(axis, size);
            for (int i = 0; i < size; i++)
            {
                (int Index, double Weight)[] own = axis?.Of(i) ?? [(0, 1)];
                bool outside = crops && axis?.Outside(i) == true;
                for (int t = 0; t < most; t++)
                {
                    places.Add(outside ? -1 : own[Math.Min(t, own.Length - 1)].Index * step);
                    weights.Add(t < own.Length ? (float)own[t].Weight : 0);
                }
            }
        }
    }

    private static int Most(ResizeTaps taps, int size) => Enumerable.Range(0, size).Max(i => taps.Of(i).Length);

    /// <summary>The shape after all axes up to one are resized.</summary>
    private static Shape After(in Shape x, in Shape y, int last) => new([.. y.Span[..(last + 1)], .. x.Span[(last + 1)..]]);

    private static bool IsIdentity(ResizeTaps taps, int size, int resized)
    {
        if (size != resized) return false;
        for (int i = 0; i < size; i++)
            if (taps.Of(i) is not [(int index, _)] || index != i) return false;
        return true;
    }
}
