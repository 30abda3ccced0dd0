using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>Reductions: a way to join elements, a function of each before and one of the result after.</summary>
internal static class ReduceLowering
{
    public static GpuLowering Lower(GpuStep step)
    {
        var reduce = (Reduce)step.Operator;
        TensorType x = step.InputType(0);
        bool bytes = QuantizedNumbers.Are(x.DataType) && (!reduce.Result.IsNone || reduce.Function is ReduceFunction.Max or ReduceFunction.Min);
        if (x.DataType != DataType.F32 && !bytes) return GpuLowering.Reject($"{x.DataType} has no shader for reductions");
        if (x.Shape.Count == 0) return GpuLowering.Reject("there are no elements to reduce");
        long[]? axes = reduce.Axes;
        if (step.Has(1))
        {
            if (step.Constant(1) is not { } constant) return GpuLowering.Reject("the axes are computed");
            axes = new Operand(constant.Type, constant).Integers() ?? [];
        }
        var together = new bool[x.Shape.Rank];
        if (axes.Length == 0) Array.Fill(together, !reduce.NoopWithEmptyAxes);
        foreach (long axis in axes) together[axis < 0 ? axis + together.Length : axis] = true;
        return bytes ? Bytes(step, RowLayout.OfBytes(x.Shape, together), reduce.Function, reduce.Result) : Rows(step, RowLayout.Of(x.Shape, together), reduce.Function);
    }

    /// <summary>A reduction of rows of quantized numbers; the largest and the smallest have no result of their own.</summary>
    public static GpuLowering Bytes(GpuStep step, RowLayout rows, ReduceFunction function, QuantizedResult result)
    {
        TensorType x = step.InputType(0);
        int flip = QuantizedNumbers.Flip(x.DataType);
        if (function is ReduceFunction.Max or ReduceFunction.Min)
            return rows.Lower("reduce_i8", $"{function.ToString().ToLowerInvariant()}_i8", [step.Input(0), step.Output()], step.Traits, [flip, flip, 0, 0, 0, 0, 0], ("FUNCTION", (int)(function == ReduceFunction.Max ? BinaryFunction.Max : BinaryFunction.Min)));
        float multiplier = new QuantizedMean(x, result).Multiplier(function == ReduceFunction.Mean ? rows.Length : 1);
        (int low, int high) = Requantize.Range(result.Type);
        return rows.Lower("reduce_i8", $"{function.ToString().ToLowerInvariant()}_i8", [step.Input(0), step.Output()], step.Traits,
            [flip, 0, unchecked(rows.Length * QuantizedNumbers.Zero(x)), Dispatch.Bits(multiplier), result.ZeroPoint, low, high], ("FUNCTION", (int)BinaryFunction.Add));
    }

    /// <summary>A reduction of rows, which pooling of whole pictures is too.</summary>
    public static GpuLowering Rows(GpuStep step, RowLayout rows, ReduceFunction function)
    {
        BinaryFunction join = function switch
        {
            ReduceFunction.Max => BinaryFunction.Max,
            ReduceFunction.Min => BinaryFunction.Min,
            ReduceFunction.Prod => BinaryFunction.Mul,
            _ => BinaryFunction.Add,
        };
        UnaryFunction map = function switch
        {
            ReduceFunction.L1 => UnaryFunction.Abs,
            ReduceFunction.L2 or ReduceFunction.SumSquare => UnaryFunction.Square,
            ReduceFunction.LogSumExp => UnaryFunction.Exp,
            _ => UnaryFunction.Identity,
        };
        UnaryFunction finish = function switch
        {
            ReduceFunction.L2 => UnaryFunction.Sqrt,
            ReduceFunction.LogSum or ReduceFunction.LogSumExp => UnaryFunction.Log,
            _ => UnaryFunction.Identity,
        };
        return rows.Lower("reduce", [step.Input(0), step.Input(0), step.Output(), step.Output()], step.Traits,
            ("JOIN", (int)join), ("MAP", (int)map), ("FINISH", (int)finish), ("FACTOR", function == ReduceFunction.Mean ? 1f / rows.Length : 1f));
    }
}
