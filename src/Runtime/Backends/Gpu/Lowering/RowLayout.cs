using System.Numerics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>What the four lanes of an invocation are; see include/rows.inc.</summary>
internal enum RowLanes
{
    /// <summary>Four rows, each element loaded alone.</summary>
    Rows,

    /// <summary>Four rows that lie side by side.</summary>
    AdjacentRows,

    /// <summary>Four elements of a row that lie side by side.</summary>
    AdjacentElements,
}

/// <summary>
/// A tensor as rows, for kernels that take elements together: the axes taken are walked, the others number the rows. Axes of one element are left out,
/// neighbours that are treated alike become one.
/// </summary>
internal sealed class RowLayout
{
    /// <summary>Invocations in a workgroup where each has rows of its own.</summary>
    private const int Alone = 64;

    /// <summary>Turns of a loop that every driver makes; lavapipe leaves loops after 65,535.</summary>
    private const int MostTurns = 32768;

    private readonly List<(int Size, int Stride)> kept = [], taken = [];

    private readonly bool ordered;

    private RowLayout(Shape shape, ReadOnlySpan<bool> together, bool ordered, bool splits = true)
    {
        this.ordered = ordered;
        bool? last = null;
        int stride = 1;
        for (int axis = shape.Rank - 1; axis >= 0; stride *= shape[axis--])
        {
            if (shape[axis] == 1) continue;
            List<(int Size, int Stride)> list = together[axis] ? taken : kept;
            if (last == together[axis]) list[0] = (list[0].Size * shape[axis], list[0].Stride);
            else list.Insert(0, (shape[axis], stride));
            last = together[axis];
        }
        if (taken.Count == 0) taken.Add((1, 1));
        Rows = (int)(shape.Count / Length);
        Lanes = kept is [.., { Stride: 1 } columns] && columns.Size % 4 == 0 ? RowLanes.AdjacentRows
            : splits && !ordered && taken[^1].Stride == 1 && taken[^1].Size % 4 == 0 ? RowLanes.AdjacentElements : RowLanes.Rows;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Elements in a row.</summary>
    public int Length => taken.Aggregate(1, (product, axis) => product * axis.Size);

    /// <summary>What lanes are: four of what lies side by side, where it comes in fours.</summary>
    public RowLanes Lanes { get; }

    /// <summary>A tensor as rows.</summary>
    /// <param name="shape">Its shape; it has elements.</param>
    /// <param name="together">The axes that are taken together.</param>
    public static RowLayout Of(Shape shape, params ReadOnlySpan<bool> together) => new(shape, together, ordered: false);

    /// <summary>A tensor of bytes as rows: lanes are rows always, since four results make a word.</summary>
    public static RowLayout OfBytes(Shape shape, params ReadOnlySpan<bool> together) => new(shape, together, ordered: false, splits: false);

    /// <summary>A tensor as rows along one axis.</summary>
    /// <param name="shape">Its shape; it has elements.</param>
    /// <param name="axis">The axis, negative ones counted from the last.</param>
    /// <param name="ordered">Whether one invocation must walk all elements of a row, one after the other.</param>
    public static RowLayout Along(Shape shape, int axis, bool ordered = false)
    {
        Span<bool> together = stackalloc bool[shape.Rank];
        together[axis < 0 ? axis + shape.Rank : axis] = true;
        return new(shape, together, ordered);
    }

    /// <summary>
    /// Ways to execute a kernel over the rows: each invocation by itself, and where rows are long a workgroup for each, the one first that fills a device.
    /// </summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="buffers">Its operands.</param>
    /// <param name="traits">The device.</param>
    /// <param name="constants">Constants of its own.</param>
    public GpuLowering Lower(string kernel, BufferRef[] buffers, GpuTraits traits, params KernelConstant[] constants) => Lower(kernel, kernel, buffers, traits, [], constants);

    /// <summary>The same, as ways whose names begin with another, of a kernel with parameters.</summary>
    public GpuLowering Lower(string kernel, string name, BufferRef[] buffers, GpuTraits traits, int[] parameters, params KernelConstant[] constants)
    {
        long invocations = Lanes == RowLanes.AdjacentElements ? Rows : (Rows + 3) / 4;
        GpuCandidate alone = Candidate($"{name}_rows", 1);
        int most = Math.Max(taken[..^1].Aggregate(1, (product, axis) => product * axis.Size), Inner);
        if (most < 16 || ordered) return GpuLowering.To(alone);
        int group = Math.Min(256, (int)BitOperations.RoundUpToPowerOf2((uint)most));
        while (group > Math.Min(traits.MaxGroupInvocations, traits.SharedMemoryBytes / 16)) group /= 2;
        GpuCandidate shared = Candidate($"{name}_group{group}", group);
        if (Math.Max(Inner, taken[..^1].Aggregate(1, (product, axis) => product * axis.Size)) > MostTurns) return GpuLowering.To(shared);
        return invocations >= 1024 ? GpuLowering.To(alone, shared) : GpuLowering.To(shared, alone);

        GpuCandidate Candidate(string way, int group) => new(way, new Dispatch(kernel, buffers, Grid.Linear(invocations * group, group == 1 ? Alone : group, traits.MaxGroups),
            new Grid(group == 1 ? Alone : group), [.. Constants(group), .. constants], parameters));
    }

    private int Inner => Lanes == RowLanes.AdjacentElements ? taken[^1].Size / 4 : taken[^1].Size;

    /// <summary>The constants of include/rows.inc.</summary>
    private IEnumerable<KernelConstant> Constants(int group)
    {
        // Strides count texels where lanes do; that of the axis whose four neighbours make a texel becomes 1.
        int texel = Lanes == RowLanes.Rows ? 1 : 4;
        int outer = taken[..^1].Aggregate(1, (product, axis) => product * axis.Size);
        (int Size, int Stride)[] rows = [.. Enumerable.Repeat((1, 0), 4 - kept.Count), .. kept], runs = [.. Enumerable.Repeat((1, 0), 4 - taken.Count), .. taken[..^1]];
        if (Lanes == RowLanes.AdjacentRows) rows[3] = (rows[3].Size / 4, 4);
        yield return ("LANES", (int)Lanes);
        yield return ("GROUP", group);
        yield return ("SHARE_OUTER", group > 1 && outer > Inner ? 1 : 0);
        yield return ("ROWS", Lanes == RowLanes.AdjacentRows ? Rows / 4 : Rows);
        for (int i = 0; i < 4; i++)
        {
            if (i > 0) yield return ($"KEPT{i}", rows[i].Size);
            yield return ($"KEPT_STRIDE{i}", rows[i].Stride / texel);
        }
        yield return ("OUTER", outer);
        for (int i = 0; i < 3; i++)
        {
            if (i > 0) yield return ($"TAKEN{i}", runs[i].Size);
            yield return ($"TAKEN_STRIDE{i}", runs[i].Stride / texel);
        }
        yield return ("INNER", Inner);
        yield return ("INNER_STRIDE", Lanes == RowLanes.AdjacentElements ? 1 : taken[^1].Stride / texel);
    }
}
