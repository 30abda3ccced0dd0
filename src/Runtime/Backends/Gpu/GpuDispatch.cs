using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>The buffers of a program.</summary>
internal enum GpuSpace
{
    /// <summary>What steps pass to each other, at the plan's offsets, and what lies between the dispatches of a step.</summary>
    Arena,

    /// <summary>Constants and packed weights, uploaded once.</summary>
    Weights,

    /// <summary>Inputs and outputs of the plan: memory that the host writes and reads, one buffer for each frame in flight.</summary>
    Ports,
}

/// <summary>A part of a buffer.</summary>
/// <param name="Space">The buffer.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Bytes">Its length, a multiple of 16.</param>
internal readonly record struct GpuRange(GpuSpace Space, long Offset, long Bytes)
{
    /// <summary>Whether some byte is in both.</summary>
    public bool Overlaps(in GpuRange other) => Space == other.Space && Offset < other.Offset + other.Bytes && other.Offset < Offset + Bytes;
}

/// <summary>An operand in its place.</summary>
/// <param name="Range">Where it is.</param>
/// <param name="Buffer">What the kernel declares.</param>
internal readonly record struct GpuOperand(GpuRange Range, KernelBuffer Buffer);

/// <summary>A dispatch with everything that an API needs to record it.</summary>
/// <param name="Step">Index of the plan's step.</param>
/// <param name="Dispatch">What is executed.</param>
/// <param name="Kernel">What the kernel declares.</param>
/// <param name="Variant">The compiled form.</param>
/// <param name="Operands">Its operands; their places are their bindings.</param>
internal sealed record GpuDispatch(int Step, Dispatch Dispatch, KernelInfo Kernel, KernelVariant Variant, GpuOperand[] Operands);

/// <summary>What is written into the weights: a packed buffer or a constant of the plan.</summary>
/// <param name="Offset">Where.</param>
/// <param name="Bytes">How much.</param>
/// <param name="Packed">What a step has packed, or null.</param>
/// <param name="Constant">The constant, or null.</param>
internal sealed record GpuUpload(long Offset, int Bytes, PackedBuffer? Packed, TensorView? Constant);
