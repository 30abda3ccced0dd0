namespace EdgeRuntime.Backends.Gpu;

/// <summary>A compiled form of a kernel.</summary>
/// <param name="HalfStorage">Whether Float and Float4 operands are stored in 16 bits.</param>
/// <param name="HalfArithmetic">Whether real values are computed in 16 bits.</param>
/// <param name="Texels">Whether operands are read through texel buffers, else as storage buffers.</param>
internal readonly record struct KernelVariant(bool HalfStorage, bool HalfArithmetic, bool Texels)
{
    /// <summary>All there are of a kernel.</summary>
    public static IEnumerable<KernelVariant> Of(KernelInfo kernel)
    {
        foreach (bool texels in (bool[])[true, false])
        {
            yield return new(false, false, texels);
            yield return new(true, false, texels);
            if (kernel.HalfArithmetic) yield return new(true, true, texels);
        }
    }

    /// <summary>The variant for a device's precision.</summary>
    public static KernelVariant For(KernelInfo kernel, GpuPrecision precision, bool texels) =>
        new(precision != GpuPrecision.Float32, precision == GpuPrecision.Float16 && kernel.HalfArithmetic, texels);

    /// <summary>Its name in files, such as f32.tex.</summary>
    public override string ToString() => $"{(HalfArithmetic ? "f16a" : HalfStorage ? "f16" : "f32")}.{(Texels ? "tex" : "buf")}";
}
