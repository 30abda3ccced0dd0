using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>The numbers that an 8-bit integer of the source stands for: integer · scale + minimum.</summary>
/// <param name="Scale">Distance of two neighbours.</param>
/// <param name="Minimum">What 0 stands for.</param>
internal readonly record struct WeightStep(double Scale, double Minimum);

/// <summary>
/// Stores weights that the source keeps as 8-bit integers as such, with a dequantization behind them, which the planner folds away. Importing widens them, so that
/// passes see plain weights; those whose elements still are such numbers go back, the others have been changed by a pass and stay as they are.
/// </summary>
internal static class ByteWeights
{
    /// <summary>Smaller constants are not worth a node.</summary>
    private const int FewestElements = 1024;

    /// <summary>Narrows constants; returns their number.</summary>
    public static int Apply(Graph graph, IReadOnlyList<WeightStep> steps)
    {
        if (steps.Count == 0) return 0;
        int narrowed = 0;
        foreach (Value weight in graph.Constants.Where(c => c.Type.DataType == DataType.F32 && c.Type.Shape.Count >= FewestElements && !graph.IsOutput(c)).ToArray())
        {
            foreach (WeightStep step in steps)
            {
                if (Narrow(weight.Constant!, step, out byte zero) is not { } integers) continue;
                var patch = new GraphPatch();
                Value wide = patch.Add1($"{weight.Name}/f32", new Dequantize(), patch.Constant(weight.Name, integers),
                    patch.Constant($"{weight.Name}/scale", Tensor.Scalar((float)step.Scale)), patch.Constant($"{weight.Name}/zero", Tensor.Scalar(zero)));
                graph.Apply(patch.Replace(weight, wide));
                narrowed++;
                break;
            }
        }
        GraphVerifier.Verify(graph);
        return narrowed;
    }

    /// <summary>The integers, or null where some element is no such number.</summary>
    private static Tensor? Narrow(Tensor weight, WeightStep step, out byte zero)
    {
        double offset = Math.Round(-step.Minimum / step.Scale);
        zero = (byte)Math.Clamp(offset, 0, 255);
        // 0 must be among the numbers, as it is where the source's converter took care of it.
        if (!(step.Scale > 0) || zero != offset || Math.Abs(step.Minimum + offset * step.Scale) > 1e-4 * step.Scale) return null;
        ReadOnlySpan<float> from = weight.Span<float>();
        double rounding = 1e-4 * step.Scale;
        if (!Fits(from[0], offset) || !Fits(from[^1], offset)) return null;
        var integers = new Tensor(weight.Type with { DataType = DataType.U8 });
        Span<byte> to = integers.View.Bytes;
        for (int i = 0; i < from.Length; i++)
        {
            if (!Fits(from[i], offset))
            {
                integers.Dispose();
                return null;
            }
            to[i] = (byte)(Math.Round(from[i] / step.Scale) + offset);
        }
        return integers;

        bool Fits(float value, double shift)
        {
            double number = Math.Round(value / step.Scale);
            return number + shift is >= 0 and <= 255 && Math.Abs(number * step.Scale - value) <= rounding;
        }
    }
}
