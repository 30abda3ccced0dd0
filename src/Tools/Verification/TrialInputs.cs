using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Zoo;

namespace EdgeRuntime.Tools.Verification;

/// <summary>Makes the inputs that a model is tried with: the same for the same seed and step, and within what the model can make sense of.</summary>
/// <param name="graph">The converted model, its shapes open.</param>
/// <param name="trial">What is known of these inputs.</param>
internal sealed class TrialInputs(Graph graph, TrialCase trial)
{
    /// <summary>Ranges of integers that index a table, from the table; made when first asked for.</summary>
    private readonly Dictionary<string, double[]?> indexed = [];

    /// <summary>What inputs are usually called that stand for a rate of samples.</summary>
    private static readonly string[] Rates = ["sr", "sample_rate", "sampling_rate"];

    /// <summary>A tensor for each input.</summary>
    /// <param name="shapes">The shapes, in the order of the graph's inputs.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="step">The number of the step, from 0, in a stream.</param>
    public Tensor[] Make(Shape[] shapes, int seed, int step)
    {
        var tensors = new Tensor[shapes.Length];
        for (int i = 0; i < tensors.Length; i++)
        {
            Value input = graph.Inputs[i];
            tensors[i] = new Tensor(new TensorType(input.Type.DataType, shapes[i]));
            // A seed of its own for each input and step: what one takes does not move the others.
            Fill(tensors[i], Range(input, shapes, step), new Random(HashCode(seed, step, i)));
        }
        return tensors;
    }

    private static int HashCode(int seed, int step, int input) => unchecked(seed + (step * 1_000_003 + input) * 1_000_003);

    /// <summary>The least and the largest element.</summary>
    private double[] Range(Value input, Shape[] shapes, int step)
    {
        string name = input.Name;
        if (TrialFacts.Find(trial.Values, name) is { Length: > 0 } steps)
        {
            double value = steps[Math.Min(step, steps.Length - 1)];
            return [value, value];
        }
        if (TrialFacts.Find(trial.Ranges, name) is { Length: 2 } range) return range;
        if (input.Type.DataType.IsFloat()) return [-1, 1];
        if (input.Type.DataType == DataType.Bool) return [0, 1];
        if (Rates.Contains(name, StringComparer.OrdinalIgnoreCase)) return [16000, 16000];
        if (name.Contains("mask", StringComparison.OrdinalIgnoreCase)) return [1, 1];
        if (name.Contains("len", StringComparison.OrdinalIgnoreCase)) return [Longest(shapes), Longest(shapes)];
        if (!indexed.TryGetValue(name, out double[]? known)) indexed[name] = known = TableOf(input);
        if (known is not null) return known;
        return input.Type.DataType is DataType.U8 ? [0, 255] : input.Type.DataType is DataType.I8 ? [-128, 127] : [0, 1];
    }

    /// <summary>What a length may be at most: that of the first input that has one.</summary>
    private static double Longest(Shape[] shapes) => shapes.Where(s => s.Rank > 1).Select(s => (double)s[1]).DefaultIfEmpty(1).First();

    /// <summary>The rows of the smallest table that these integers index, directly or by way of other shapes and types; null where there is none.</summary>
    private static double[]? TableOf(Value input)
    {
        double rows = double.PositiveInfinity;
        var open = new Stack<Value>([input]);
        var seen = new HashSet<Value>();
        while (open.TryPop(out Value? value))
        {
            if (!seen.Add(value)) continue;
            foreach (Node reader in value.Consumers)
            {
                if (reader.Operator is Gather gather && reader.InputArray.Length > 1 && reader.InputArray[1] == value && reader.InputArray[0]!.Type.Shape is { IsStatic: true, Rank: > 0 } table)
                    rows = Math.Min(rows, table[gather.Axis < 0 ? gather.Axis + table.Rank : gather.Axis]);
                else if (reader.Operator.IsView || reader.Operator is Cast or Slice or Transpose or Concat)
                    foreach (Value result in reader.Outputs) open.Push(result);
            }
        }
        return double.IsFinite(rows) ? [0, Math.Max(0, rows - 1)] : null;
    }

    private static void Fill(Tensor tensor, double[] range, Random random)
    {
        using var wide = new Tensor(new TensorType(DataType.F64, tensor.Shape));
        bool whole = !tensor.Type.DataType.IsFloat();
        foreach (ref double x in wide.Span<double>())
            x = whole ? Math.Floor(range[0] + random.NextDouble() * (range[1] - range[0] + 1)) : range[0] + random.NextSingle() * (range[1] - range[0]);
        new Cast { To = tensor.Type.DataType }.Evaluate([wide.View], [tensor.View]);
    }
}
