using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Local response normalisation over neighbouring channels.</summary>
internal static class LrnLowering
{
    private const int GroupSize = 64;

    public static GpuLowering Lower(GpuStep step)
    {
        var lrn = (Lrn)step.Operator;
        TensorType x = step.InputType(0);
        if (x.DataType != DataType.F32) return GpuLowering.Reject($"{x.DataType} has no shader for response normalisation");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements");
        // No more neighbours than there are channels, so that the sums of places stay small.
        int channels = x.Shape[-1], before = Math.Min((lrn.Size - 1) / 2, channels), after = Math.Min(lrn.Size / 2, channels);
        return GpuLowering.To(new GpuCandidate("lrn", new Dispatch("lrn", [step.Input(0), step.Output()],
            Grid.Linear(x.Shape.Count, GroupSize, step.Traits.MaxGroups), new Grid(GroupSize),
            ("COUNT", (int)x.Shape.Count), ("CHANNELS", channels), ("BEFORE", before), ("AFTER", after),
            ("FACTOR", lrn.Alpha / lrn.Size), ("BIAS", lrn.Bias), ("BETA", lrn.Beta))));
    }
}
