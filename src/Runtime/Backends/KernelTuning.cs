namespace EdgeRuntime.Backends;

/// <summary>How the kernel of a step is chosen where there are several. What was measured is kept for the next start where there is a folder for it.</summary>
public enum KernelTuning
{
    /// <summary>As <see cref="Fast"/> on a device, whose tile sizes nobody can foresee; as <see cref="None"/> on the CPU, where rules know well enough and a model should load at once.</summary>
    Auto,

    /// <summary>The one that is likely to be the best; nothing is measured, and what was measured before is not asked.</summary>
    None,

    /// <summary>The one that is fastest here, measured when a model is loaded for the first time: half a second at most on the CPU, 20 seconds on a device. What there is no time for is measured at the next start on the CPU, and guessed on a device.</summary>
    Fast,

    /// <summary>As <see cref="Fast"/>, with time for every step: a minute at most on the CPU, five on a device.</summary>
    Full,
}
