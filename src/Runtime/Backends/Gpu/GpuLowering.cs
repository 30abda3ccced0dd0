namespace EdgeRuntime.Backends.Gpu;

/// <summary>A way to execute a step.</summary>
/// <param name="Name">Kernel and variant, such as conv_pointwise_4x1; what users see in the table of layers.</param>
/// <param name="Dispatches">What is executed, each after the one before.</param>
internal sealed record GpuCandidate(string Name, params Dispatch[] Dispatches);

/// <summary>
/// What lowering makes of a step: ways to execute it, the likely best first, of which the backend takes the one that is fastest on
/// the device; or the reason why there is none.
/// </summary>
internal sealed record GpuLowering
{
    private GpuLowering(IReadOnlyList<GpuCandidate> candidates, string? rejection)
    {
        Candidates = candidates;
        Rejection = rejection;
    }

    /// <summary>Ways to execute the step; empty when rejected.</summary>
    public IReadOnlyList<GpuCandidate> Candidates { get; }

    /// <summary>Why the step cannot run on the device; null when it can.</summary>
    public string? Rejection { get; }

    /// <summary>One or more ways.</summary>
    public static GpuLowering To(params GpuCandidate[] candidates) => new(candidates, null);

    /// <summary>None, and why.</summary>
    public static GpuLowering Reject(string reason) => new([], reason);
}
