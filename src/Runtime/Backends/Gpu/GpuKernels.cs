using EdgeRuntime.Backends.Gpu.Lowering;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// The table of lowerings: operator type to the function that turns a step into dispatches. Pure functions of types, constants and
/// traits, so that all of it is tested without a device.
/// </summary>
internal static class GpuKernels
{
    private static readonly Dictionary<Type, Func<GpuStep, GpuLowering>> Lowerings = new()
    {
        [typeof(ArgMax)] = ArgMaxLowering.Lower,
        [typeof(Binary)] = BinaryLowering.Lower,
        [typeof(Cast)] = ConvertLowering.Lower,
        [typeof(Concat)] = MovementLowering.Concat,
        [typeof(Conv)] = ConvLowering.Lower,
        [typeof(ConvTranspose)] = ConvTransposeLowering.Lower,
        [typeof(CumSum)] = CumSumLowering.Lower,
        [typeof(DepthSpace)] = MovementLowering.DepthSpace,
        [typeof(Dequantize)] = QuantizeLowering.Dequantize,
        [typeof(Einsum)] = EinsumLowering.Lower,
        [typeof(Expand)] = MovementLowering.Expand,
        [typeof(Gather)] = GatherLowering.Gather,
        [typeof(GatherElements)] = GatherLowering.GatherElements,
        [typeof(GatherND)] = GatherLowering.GatherND,
        [typeof(GroupNorm)] = NormalizeLowering.LowerGroups,
        [typeof(Hardmax)] = HardmaxLowering.Lower,
        [typeof(ImageToTensor)] = ImageToTensorLowering.Lower,
        [typeof(Lrn)] = LrnLowering.Lower,
        [typeof(MatMul)] = MatMulLowering.Lower,
        [typeof(Normalize)] = NormalizeLowering.Lower,
        [typeof(Pad)] = PadLowering.Pad,
        [typeof(Pool)] = PoolLowering.Lower,
        [typeof(Quantize)] = QuantizeLowering.Quantize,
        [typeof(Reduce)] = ReduceLowering.Lower,
        [typeof(Resize)] = ResizeLowering.Lower,
        [typeof(ScatterND)] = GatherLowering.ScatterND,
        [typeof(Slice)] = MovementLowering.Slice,
        [typeof(Softmax)] = SoftmaxLowering.Lower,
        [typeof(Split)] = MovementLowering.Split,
        [typeof(Tile)] = MovementLowering.Tile,
        [typeof(Transpose)] = MovementLowering.Transpose,
        [typeof(Trilu)] = PadLowering.Trilu,
        [typeof(Unary)] = UnaryLowering.Lower,
        [typeof(Where)] = WhereLowering.Lower,
    };

    /// <summary>What operators of quantized operands and results are lowered by, which have arithmetic of their own. Each rejects the types that it does not take.</summary>
    private static readonly Dictionary<Type, Func<GpuStep, GpuLowering>> Quantized = new()
    {
        [typeof(Binary)] = QuantizedPairLowering.Lower,
        [typeof(Conv)] = QuantizedConvLowering.Lower,
        [typeof(MatMul)] = QuantizedMatMulLowering.Lower,
        [typeof(Pool)] = PoolLowering.Lower,
        [typeof(Reduce)] = ReduceLowering.Lower,
        [typeof(Resize)] = QuantizedResizeLowering.Lower,
        [typeof(Unary)] = QuantizedTableLowering.Lower,
    };

    /// <summary>The operators that have shaders.</summary>
    public static IEnumerable<Type> Operators => Lowerings.Keys;

    /// <summary>Lowers a step; what the dispatches need besides slots is in <paramref name="gpu"/> afterwards.</summary>
    public static GpuLowering Lower(ExecutionPlan plan, PlanStep step, GpuTraits traits, out GpuStep gpu)
    {
        gpu = new GpuStep(plan, step, traits);
        foreach (int slot in (ReadOnlySpan<int>)[.. step.Inputs, .. step.Outputs])
            if (slot >= 0 && plan.Slots[slot].Type.DataType.IsNoNumber()) return GpuLowering.Reject($"{plan.Slots[slot].Type.DataType} has no shader");
        if (IsQuantized(step.Operator))
        {
            return Quantized.TryGetValue(step.Operator.GetType(), out Func<GpuStep, GpuLowering>? quantized)
                ? quantized(gpu) : GpuLowering.Reject($"{step.Operator.Name} of quantized operands has no shader");
        }
        return Lowerings.TryGetValue(step.Operator.GetType(), out Func<GpuStep, GpuLowering>? lower)
            ? lower(gpu) : GpuLowering.Reject($"{step.Operator.Name} has no shader");
    }

    /// <summary>Whether an operator computes with quantized numbers; those that only move them have the same lowering for all types.</summary>
    private static bool IsQuantized(Operator op) => op is Conv { Result.IsNone: false } or MatMul { Result.IsNone: false } or Binary { Result.IsNone: false }
        or Unary { Result.IsNone: false } or Pool { Result.IsNone: false } or Resize { Result.IsNone: false } or Reduce { Result.IsNone: false };
}
