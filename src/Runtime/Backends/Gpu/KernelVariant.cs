namespace EdgeRuntime.Backends.Gpu;

/// <summary>A compiled form of a kernel.</summary>
/// <param name="HalfStorage">Whether Float and Float4 operands are stored in 16 bits.</param>
/// <param name="HalfArithmetic">Whether real values are computed in 16 bits.</param>
/// <param name="Texels">Whether operands are read through texel buffers, else as storage buffers.</param>
/// <param name="PackedDot">Whether products of packed bytes are the device's instruction, else many.</param>
internal readonly record struct KernelVariant(bool HalfStorage, bool HalfArithmetic, bool Texels, bool PackedDot = false)
{
    /// <summary>All there are of a kernel: one that has no floats has no forms for their precision.</summary>
    public static IEnumerable<KernelVariant> Of(KernelInfo kernel)
    {
        foreach (bool texels in (bool[])[true, false])
            foreach (bool dot in kernel.PackedDot ? (bool[])[false, true] : [false])
            {
                yield return new(false, false, texels, dot);
                if (kernel.HasFloats) yield return new(true, false, texels, dot);
                if (kernel.HalfArithmetic) yield return new(true, true, texels, dot);
            }
    }

    /// <summary>The variant for a device's precision.</summary>
    public static KernelVariant For(KernelInfo kernel, GpuPrecision precision, bool texels, bool packedDot = false) =>
        new(precision != GpuPrecision.Float32 && kernel.HasFloats, precision == GpuPrecision.Float16 && kernel.HalfArithmetic, texels, packedDot && kernel.PackedDot);

    /// <summary>Its name in files, such as f32.tex.</summary>
    public override string ToString() => $"{(HalfArithmetic ? "f16a" : HalfStorage ? "f16" : "f32")}.{(Texels ? "tex" : "buf")}{(PackedDot ? ".dot" : "")}";
}
