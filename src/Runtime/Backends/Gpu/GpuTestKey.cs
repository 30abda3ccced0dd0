namespace EdgeRuntime.Backends.Gpu;

/// <summary>What a self-test is about: a compiled form of a kernel as a way to execute steps uses it.</summary>
/// <param name="Candidate">The way, such as conv_pointwise_4x1.</param>
/// <param name="Kernel">The kernel.</param>
/// <param name="Variant">Its compiled form, such as f32.tex.</param>
internal readonly record struct GpuTestKey(string Candidate, string Kernel, string Variant)
{
    /// <summary>What an executed dispatch is tested as; those that are no step's go by their kernel.</summary>
    public static GpuTestKey Of(GpuProgram program, GpuDispatch dispatch) =>
        new(dispatch.Step < 0 ? dispatch.Kernel.Name : program.Kernels[dispatch.Step], dispatch.Kernel.Name, dispatch.Variant.ToString());

    /// <summary>The way and its compiled form.</summary>
    public override string ToString() => Candidate == Kernel ? $"{Kernel}.{Variant}" : $"{Candidate} ({Kernel}.{Variant})";
}
