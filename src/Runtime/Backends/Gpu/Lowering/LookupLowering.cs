using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>An axis of a result that is filled from anywhere.</summary>
/// <param name="Size">Number of positions.</param>
/// <param name="Step">Elements from one position to the next in what is read, where there is no table.</param>
/// <param name="Table">For each position the elements to go in what is read, or a negative number for what lies outside.</param>
internal readonly record struct LookedUpAxis(long Size, long Step, int[]? Table = null)
{
    /// <summary>The same with steps counted in runs of some elements; null where they are not whole.</summary>
    public LookedUpAxis? InRuns(int length)
    {
        if (Table is null) return Step % length == 0 ? this with { Step = Step / length } : null;
        if (Array.Exists(Table, t => t >= 0 && t % length != 0)) return null;
        return this with { Table = Array.ConvertAll(Table, t => t < 0 ? t : t / length) };
    }

    /// <summary>The same with steps counted in parts of an element.</summary>
    public LookedUpAxis InParts(int parts) => this with { Step = Step * parts, Table = Table is null ? null : Array.ConvertAll(Table, t => t < 0 ? t : t * parts) };
}

/// <summary>Results that tables fill: padding, nearest neighbours, indices known ahead.</summary>
internal static class LookupLowering
{
    private const int GroupSize = 64, MostAxes = 6;

    /// <summary>Lowers to one filling of output 0 from input 0.</summary>
    /// <param name="step">The step.</param>
    /// <param name="axes">The axes of the output, outermost first.</param>
    /// <param name="outside">The bits of an element outside.</param>
    public static GpuLowering Lower(GpuStep step, IEnumerable<LookedUpAxis> axes, ulong outside = 0)
    {
        DataType type = step.OutputType().DataType;
        List<LookedUpAxis> joined = Join(axes);
        if (step.OutputType().Shape.Count == 0) return GpuLowering.To(new GpuCandidate("nothing"));
        if (step.InputType(0).Shape.Count == 0) return GpuLowering.Reject("there is nothing to read");
        if (type.Size() == 1) return Bytes(step, joined, (byte)outside);
        if (type.Size() is not (4 or 8)) return GpuLowering.Reject($"{type} has no lookup shader");
        if (type.Size() == 8) joined = [.. joined.Select(a => a.InParts(2)), new(2, 1)];
        if (joined.Count > MostAxes) return GpuLowering.Reject($"there are {joined.Count} axes");

        if (type != DataType.F32) return GpuLowering.To(Make(step, "lookup_words", joined, (int)outside, type.Size() == 8 ? (int)(outside >> 32) : (int)outside));
        return GpuLowering.To(Runs(joined) is { } runs ? Make(step, "lookup4", runs, (int)outside) : Make(step, "lookup", joined, (int)outside));
    }

    /// <summary>Bytes: as words where they come in fours on both sides, else each by itself.</summary>
    private static GpuLowering Bytes(GpuStep step, List<LookedUpAxis> axes, int outside)
    {
        if (axes.Count > MostAxes) return GpuLowering.Reject($"there are {axes.Count} axes");
        int four = unchecked(outside * 0x01010101);
        return GpuLowering.To(Runs(axes) is { } runs ? Make(step, "lookup_words", runs, four, four) : Make(step, "lookup_parts", axes, outside));
    }

    private static GpuCandidate Make(GpuStep step, string kernel, List<LookedUpAxis> axes, params int[] value)
    {
        var table = new List<int>();
        var constants = new List<KernelConstant>();
        for (int i = 0; i < axes.Count; i++)
        {
            LookedUpAxis axis = axes[axes.Count - 1 - i];
            constants.AddRange([($"S{i}", (int)axis.Size), ($"X{i}", (int)axis.Step)]);
            if (axis.Table is null) continue;
            constants.Add(($"T{i}", table.Count));
            table.AddRange(axis.Table);
        }
        if (table.Count == 0) table.Add(0);
        long count = axes.Aggregate(1L, (product, axis) => product * axis.Size);
        constants.Add(("COUNT", (int)count));
        return new GpuCandidate(kernel, new Dispatch(kernel, [step.Input(0), step.PackIntegers([.. table]), step.Output()],
            Grid.Linear(kernel == "lookup_parts" ? (count + 3) / 4 : count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize), [.. constants], [0, .. value]));
    }

    /// <summary>The same in runs of four; null where they are not whole.</summary>
    private static List<LookedUpAxis>? Runs(List<LookedUpAxis> axes)
    {
        if (axes.Count == 0 || axes[^1] is not { Table: null, Step: 1 } inner || inner.Size % 4 != 0) return null;
        var runs = new List<LookedUpAxis>();
        foreach (LookedUpAxis axis in axes.SkipLast(1))
        {
            if (axis.InRuns(4) is not { } run) return null;
            runs.Add(run);
        }
        runs.Add(inner with { Size = inner.Size / 4 });
        return runs;
    }

    private static List<LookedUpAxis> Join(IEnumerable<LookedUpAxis> axes)
    {
        var joined = new List<LookedUpAxis>();
        foreach (LookedUpAxis axis in axes)
        {
            if (axis is { Size: 1, Table: null }) continue;
            if (axis.Table is null && joined.Count > 0 && joined[^1] is { Table: null } outer && outer.Step == axis.Step * axis.Size) joined[^1] = axis with { Size = outer.Size * axis.Size };
            else joined.Add(axis);
        }
        return joined;
    }
}
