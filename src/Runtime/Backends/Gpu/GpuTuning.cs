namespace EdgeRuntime.Backends.Gpu;

/// <summary>How the kernel of a step is chosen where there are several.</summary>
public enum GpuTuning
{
    /// <summary>The one that is fastest on the device: measured once, and kept for the next start where there is a folder for it.</summary>
    Measure,

    /// <summary>The one that is likely to be the best; nothing is measured, and what was measured before is not asked.</summary>
    First,

    /// <summary>As <see cref="Measure"/> on a chip; as <see cref="First"/> on a processor in disguise, where compiling all ways takes longer than they save.</summary>
    Auto,
}
