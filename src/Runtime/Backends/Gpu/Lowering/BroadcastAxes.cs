using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>
/// The axes of a result with the strides of up to three operands that broadcast to it, from the inner one outwards: without those of
/// size 1, neighbours joined where every operand steps through them as through one.
/// </summary>
internal sealed class BroadcastAxes
{
    /// <summary>Operands that a table has strides of; see include/strided.inc.</summary>
    private const int Operands = 3;

    private readonly List<long[]> axes = [];

    public BroadcastAxes(Shape result, params ReadOnlySpan<Shape> operands)
    {
        var strides = new long[operands.Length][];
        for (int i = 0; i < strides.Length; i++) Broadcast.Strides(operands[i], result, strides[i] = new long[Shape.MaxRank]);
        for (int axis = result.Rank - 1; axis >= 0; axis--)
        {
            if (result[axis] == 1) continue;
            long[] next = new long[1 + Operands];
            next[0] = result[axis];
            for (int i = 0; i < strides.Length; i++) next[1 + i] = strides[i][axis];
            if (axes.Count > 0 && Continues(axes[^1], next)) axes[^1][0] *= next[0];
            else axes.Add(next);
        }
        if (axes.Count == 0) axes.Add([1, 0, 0, 0]);
    }

    /// <summary>Number of axes.</summary>
    public int Count => axes.Count;

    /// <summary>Size of an axis.</summary>
    public long Size(int axis) => axes[axis][0];

    /// <summary>Elements from one index of an axis to the next.</summary>
    public long Stride(int axis, int operand) => axes[axis][1 + operand];

    /// <summary>Whether an operand is read from its first element to its last.</summary>
    public bool IsWhole(int operand)
    {
        long stride = 1;
        foreach (long[] axis in axes)
        {
            if (axis[1 + operand] != stride && axis[0] != 1) return false;
            stride *= axis[0];
        }
        return true;
    }

    /// <summary>A dispatch of a kernel that includes strided.inc.</summary>
    /// <param name="step">The step.</param>
    /// <param name="kernel">Its name.</param>
    /// <param name="buffers">Operands before and after the table of axes, which is the first that strided.inc declares.</param>
    /// <param name="constants">Constants besides those of strided.inc.</param>
    public GpuLowering Lower(GpuStep step, string kernel, ReadOnlySpan<BufferRef> buffers, params KernelConstant[] constants) => Lower(step, kernel, kernel, buffers, [], constants);

    /// <summary>The same, as a way of another name, of a kernel with parameters after those of strided.inc.</summary>
    public GpuLowering Lower(GpuStep step, string kernel, string name, ReadOnlySpan<BufferRef> buffers, int[] parameters, params KernelConstant[] constants)
    {
        const int groupSize = 64;
        long count = 1;
        foreach (long[] axis in axes) count *= axis[0];
        if (count is 0 or > int.MaxValue - 4) return GpuLowering.Reject($"{count:N0} elements are none or too many for a dispatch");
        BufferRef table = step.PackIntegers([.. axes.SelectMany(axis => axis).Select(number => (int)number)]);
        return GpuLowering.To(new GpuCandidate(name, new Dispatch(kernel, [table, .. buffers], Grid.Linear((count + 3) / 4, groupSize, step.Traits.MaxGroups), new Grid(groupSize),
            [("AXES", axes.Count), ("RUNS", axes[0][0] % 4 == 0 ? 1 : 0), .. constants], [(int)count, .. parameters])));
    }

    /// <summary>Whether an outer axis goes on where an inner one ends, for every operand.</summary>
    private static bool Continues(long[] inner, long[] outer)
    {
        for (int i = 1; i < inner.Length; i++)
            if (outer[i] != inner[i] * inner[0]) return false;
        return true;
    }
}
