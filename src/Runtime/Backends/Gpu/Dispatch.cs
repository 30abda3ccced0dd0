using System.Runtime.InteropServices;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Sizes along the three axes of a dispatch.</summary>
/// <param name="X">First axis.</param>
/// <param name="Y">Second axis.</param>
/// <param name="Z">Third axis.</param>
internal readonly record struct Grid(int X, int Y = 1, int Z = 1)
{
    /// <summary>Product of the three.</summary>
    public long Count => (long)X * Y * Z;

    /// <summary>
    /// Groups of <paramref name="local"/> invocations that cover <paramref name="invocations"/> of one axis. What is more than
    /// <paramref name="most"/> goes on along Y, and kernels number invocations through GLOBAL_INDEX, which knows of both.
    /// </summary>
    public static Grid Linear(long invocations, int local, int most)
    {
        long groups = Math.Max((invocations + local - 1) / local, 1);
        if (groups <= most) return new((int)groups);
        long rows = (groups + most - 1) / most;
        return new((int)((groups + rows - 1) / rows), (int)rows);
    }
}

/// <summary>Where a dispatch's operand is.</summary>
internal enum BufferKind
{
    /// <summary>A slot of the plan.</summary>
    Slot,

    /// <summary>Elements packed for the kernel at load: weights, tables.</summary>
    Packed,

    /// <summary>Memory between the dispatches of one step.</summary>
    Scratch,
}

/// <summary>An operand of a dispatch.</summary>
/// <param name="Kind">Where it is.</param>
/// <param name="Index">Number of the slot of the plan, or of the packed or scratch buffer of the step.</param>
internal readonly record struct BufferRef(BufferKind Kind, int Index);

/// <summary>A number known when the pipeline is made: a specialization constant in Vulkan, -D in OpenCL.</summary>
/// <param name="Name">Its name in the kernel.</param>
/// <param name="Value">Its 32 bits.</param>
internal readonly record struct KernelConstant(string Name, int Value)
{
    /// <summary>A float's bits.</summary>
    public KernelConstant(string name, float value) : this(name, BitConverter.SingleToInt32Bits(value)) { }

    public static implicit operator KernelConstant((string Name, int Value) pair) => new(pair.Name, pair.Value);

    public static implicit operator KernelConstant((string Name, float Value) pair) => new(pair.Name, pair.Value);
}

/// <summary>
/// One execution of a kernel: everything an API needs to know, and nothing of any API. Kernels, their operands and constants are
/// listed in the <see cref="KernelManifest"/>, which is made of the kernels' source.
/// </summary>
/// <param name="Kernel">Name of the kernel, which is its file's.</param>
/// <param name="Buffers">Operands in the order in which the kernel declares them.</param>
/// <param name="Groups">Number of workgroups.</param>
/// <param name="GroupSize">Invocations in a workgroup.</param>
/// <param name="Constants">What is known when the pipeline is made; those left out have the kernel's defaults.</param>
/// <param name="Parameters">The 32-bit words of the kernel's PARAM declarations, in order.</param>
internal sealed record Dispatch(string Kernel, BufferRef[] Buffers, Grid Groups, Grid GroupSize, KernelConstant[] Constants, int[] Parameters)
{
    /// <summary>A dispatch without parameters.</summary>
    public Dispatch(string kernel, BufferRef[] buffers, Grid groups, Grid groupSize, params KernelConstant[] constants)
        : this(kernel, buffers, groups, groupSize, constants, []) { }

    /// <summary>The parameters as bytes.</summary>
    public ReadOnlySpan<byte> ParameterBytes => MemoryMarshal.AsBytes(Parameters.AsSpan());

    /// <summary>A float's bits, for <see cref="Parameters"/>.</summary>
    public static int Bits(float value) => BitConverter.SingleToInt32Bits(value);
}
