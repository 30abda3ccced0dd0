using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Layer, instance, RMS and group normalisation: they differ in the axes only.</summary>
internal static class NormalizeLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var normalize = (Normalize)step.Operator;
        Shape shape = step.InputType(0).Shape;
        var together = new bool[shape.Rank];
        foreach (int axis in normalize.Axes) together[axis < 0 ? axis + shape.Rank : axis] = true;
        return Rows(step, shape, normalize.Epsilon, normalize.Center, together);
    }

    /// <summary>Groups of channels, as an axis of their own.</summary>
    public static GpuLowering LowerGroups(GpuStep step)
    {
        var norm = (GroupNorm)step.Operator;
        Shape x = step.InputType(0).Shape;
        var split = new Shape(x[0], (int)x.Product(1, x.Rank - 1), norm.Groups, x[-1] / norm.Groups);
        return Rows(step, split, norm.Epsilon, center: true, [false, true, false, true]);
    }

    private static GpuLowering Rows(GpuStep step, Shape shape, float epsilon, bool center, bool[] together)
    {
        if (step.InputType(0).DataType is not DataType.F32 and var type) return GpuLowering.Reject($"{type} has no shader for normalisation");
        if (shape.Count == 0) return GpuLowering.Reject("there are no elements");
        var rows = RowLayout.Of(shape, together);
        return rows.Lower("normalize", [step.Input(0), step.Input(0), step.Output(), step.Output()], step.Traits,
            ("CENTER", center ? 1 : 0), ("EPSILON", epsilon), ("FACTOR", 1f / rows.Length));
    }
}
