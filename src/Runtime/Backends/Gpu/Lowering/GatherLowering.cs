using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Operators with indices: tables where they are known ahead, else kernels that read them.</summary>
internal static class GatherLowering
{
    private const int GroupSize = 64;

    public static GpuLowering Gather(GpuStep step)
    {
        TensorType x = step.InputType(0), indices = step.InputType(1);
        int axis = MovementLowering.Axis(((Gather)step.Operator).Axis, x.Shape.Rank), size = x.Shape[axis];
        long outer = x.Shape.Product(0, axis), inner = x.Shape.Product(axis + 1, x.Shape.Rank);
        if (step.Constant(1) is not null)
        {
            if (Known(step, size) is not { } known) return GpuLowering.Reject("an index is out of range");
            return known switch
            {
                [int one] => CopyLowering.Lower(step, MovedAxes.Of([new(outer, size * inner, inner), new(inner, 1, 1)], one * inner)),
                _ => LookupLowering.Lower(step, [new(outer, size * inner), new(known.Length, 0, Array.ConvertAll(known, i => (int)(i * inner))), new(inner, 1)]),
            };
        }
        bool words = x.DataType.Size() == 1 && inner % 4 == 0;
        if (Problem(x, indices, step.OutputType(), words) is { } reason) return GpuLowering.Reject(reason);
        (string kernel, long width) = (x.DataType, x.DataType.Size()) switch
        {
            (_, 1) => ("gather_words", inner / 4),
            (DataType.F32, _) => inner % 4 == 0 ? ("gather4", inner / 4) : ("gather", inner),
            (_, 8) => ("gather_words", 2 * inner),
            _ => ("gather_words", inner),
        };
        long count = outer * indices.Shape.Count * width;
        return GpuLowering.To(new GpuCandidate(kernel, new Dispatch(kernel, [step.Input(0), step.Input(1), step.Output()],
            Grid.Linear(count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            ("COUNT", (int)count), ("INNER", (int)width), ("INDICES", (int)indices.Shape.Count), ("SIZE", size), ("WORDS", indices.DataType.Size() / 4))));
    }

    public static GpuLowering GatherElements(GpuStep step)
    {
        TensorType x = step.InputType(0), indices = step.InputType(1);
        int axis = MovementLowering.Axis(((GatherElements)step.Operator).Axis, x.Shape.Rank);
        if (Problem(x, indices, step.OutputType()) is { } reason) return GpuLowering.Reject(reason);
        if (x.DataType.Size() != 4) return GpuLowering.Reject($"{x.DataType} has no shader for single elements");
        Span<long> strides = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(x.Shape, strides);
        long along = strides[axis];
        strides[axis] = 0;
        MovedAxes axes = MovedAxes.Filling(indices.Shape, strides);
        string kernel = x.DataType == DataType.F32 ? "gather_elements" : "gather_elements_words";
        var constants = new List<KernelConstant> { ("COUNT", (int)indices.Shape.Count), ("SIZE", x.Shape[axis]), ("STEP", (int)along), ("WORDS", indices.DataType.Size() / 4) };
        CopyLowering.Constants(axes.Axes, constants);
        return GpuLowering.To(new GpuCandidate(kernel, new Dispatch(kernel, [step.Input(0), step.Input(1), step.Output()],
            Grid.Linear(indices.Shape.Count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), [.. constants], [0, 0])));
    }

    public static GpuLowering GatherND(GpuStep step)
    {
        Shape x = step.InputType(0).Shape, indices = step.InputType(1).Shape;
        int batch = ((GatherND)step.Operator).BatchAxes, depth = indices[-1];
        if (step.Constant(1) is not { } known) return GpuLowering.Reject("the indices are computed");
        if (Positions(x, batch, depth, indices.Product(batch, indices.Rank - 1), new Operand(known.Type, known).Integers()!) is not { } table)
            return GpuLowering.Reject("an index is out of range");
        return LookupLowering.Lower(step, [new(table.Length, 0, table), new(x.Product(batch + depth, x.Rank), 1)]);
    }

    public static GpuLowering ScatterND(GpuStep step)
    {
        TensorType x = step.InputType(0);
        Shape indices = step.InputType(1).Shape;
        if (((ScatterND)step.Operator).Reduction != ScatterReduction.Replace) return GpuLowering.Reject("updates that are combined have no shader");
        if (step.Constant(1) is not { } known) return GpuLowering.Reject("the indices are computed");
        if (x.DataType.Size() != 4) return GpuLowering.Reject($"{x.DataType} has no scatter shader");
        int depth = indices[-1];
        if (Positions(x.Shape, 0, depth, indices.Product(0, indices.Rank - 1), new Operand(known.Type, known).Integers()!) is not { } table)
            return GpuLowering.Reject("an index is out of range");
        // Of several updates of one place the last counts; invocations have no order, so that the others are dropped here.
        var seen = new HashSet<int>();
        for (int i = table.Length - 1; i >= 0; i--)
            if (!seen.Add(table[i])) table[i] = -1;

        int width = (int)x.Shape.Product(depth, x.Shape.Rank);
        GpuLowering copy = CopyLowering.Lower(step, MovedAxes.Of([new(x.Shape.Count, 1, 1)]));
        long count = (long)table.Length * width;
        if (count == 0) return copy;
        string kernel = x.DataType == DataType.F32 ? "scatter" : "scatter_words";
        var updates = new Dispatch(kernel, [step.Input(2), step.PackIntegers(table), step.Output()],
            Grid.Linear(count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), ("COUNT", (int)count), ("WIDTH", width));
        return GpuLowering.To([.. copy.Candidates.Select(c => new GpuCandidate($"{kernel}_{c.Name}", [.. c.Dispatches, updates]))]);
    }

    /// <summary>Where slices begin in what they are read from or written to; null when one is out of range.</summary>
    private static int[]? Positions(in Shape x, int batch, int depth, long perBatch, long[] indices)
    {
        long width = x.Product(batch + depth, x.Rank);
        var table = new int[depth == 0 ? perBatch * x.Product(0, batch) : indices.Length / depth];
        for (int i = 0; i < table.Length; i++)
        {
            long from = batch == 0 ? 0 : i / perBatch;
            for (int d = 0; d < depth; d++)
            {
                int size = x[batch + d];
                if (indices[i * depth + d] is var index && (index < -size || index >= size)) return null;
                from = from * size + (index < 0 ? index + size : index);
            }
            table[i] = (int)(from * width);
        }
        return table;
    }

    /// <summary>The constant indices, none of them negative; null when one is out of range.</summary>
    private static int[]? Known(GpuStep step, int size)
    {
        long[] indices = step.Operands()[1].Integers()!;
        if (Array.Exists(indices, i => i < -size || i >= size)) return null;
        return Array.ConvertAll(indices, i => (int)(i < 0 ? i + size : i));
    }

    private static string? Problem(TensorType x, TensorType indices, TensorType y, bool words = false) =>
        indices.DataType is not (DataType.I32 or DataType.I64) ? $"{indices.DataType} indices have no shader"
            : x.DataType.Size() is not (4 or 8) && !words ? $"{x.DataType} has no gather shader"
            : x.Shape.Count == 0 || y.Shape.Count == 0 ? "there is nothing to gather"
            : null;
}
