using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>The function that kernels apply to their results: what include/activation.inc declares.</summary>
internal static class FusedActivation
{
    /// <summary>Why a kernel that includes activation.inc cannot apply an activation; null when it can.</summary>
    public static string? Rejection(Activation activation) =>
        activation.Function is UnaryFunction.Identity or UnaryFunction.Tanh or (>= UnaryFunction.Relu and <= UnaryFunction.Shrink)
            ? null : $"no shader has {activation.Function} as its activation";

    /// <summary>An activation as the range that it keeps, where it is one, so that one kernel serves all of these.</summary>
    public static Activation AsClip(Activation activation) => activation.Function switch
    {
        UnaryFunction.Identity => new(UnaryFunction.Clip, float.NegativeInfinity, float.PositiveInfinity),
        UnaryFunction.Relu => new(UnaryFunction.Clip, 0, float.PositiveInfinity),
        _ => activation,
    };

    /// <summary>The constants of activation.inc.</summary>
    public static KernelConstant[] Constants(Activation activation) =>
        [("ACTIVATION", (int)activation.Function), ("ALPHA", activation.Alpha), ("BETA", activation.Beta)];
}
