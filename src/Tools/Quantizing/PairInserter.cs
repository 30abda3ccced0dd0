using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>
/// Writes a plan into a copy of the graph, as exporters of quantized models do: a quantization and a dequantization after each value that is to be 8-bit, dequantized integers in place of weights and biases. The
/// passes then turn what lies between into operators of integers.
/// </summary>
/// <param name="plan">What is to be in integers.</param>
/// <param name="ranges">A range for each quantized value.</param>
/// <param name="weights">Integers, scales and bias of each product of the plan.</param>
internal sealed class PairInserter(QuantizationPlan plan, IReadOnlyDictionary<Value, ValueRange> ranges, IReadOnlyDictionary<Node, QuantizedWeights> weights)
{
    /// <summary>Pairs that nothing reads yet, which the graph would drop: the first reader brings them along.</summary>
    private readonly Dictionary<Value, GraphPatch> pending = [];

    /// <summary>The copy with the pairs.</summary>
    public Graph Apply(Graph graph)
    {
        Graph copy = GraphCutter.Copy(graph, out Dictionary<Value, Value> map);
        var reals = new Dictionary<Value, Value>();
        foreach (Value value in plan.Quantized) reals[value] = AddPair(copy, value, map);
        foreach (Node node in graph.Nodes)
            if (plan.Integer.Contains(node)) Rewrite(copy, node, map, reals);
        copy.RemoveDeadNodes();
        GraphVerifier.Verify(copy);
        return copy;
    }

    /// <summary>Adds the pair; readers of a value that is made of integers all read what comes of it.</summary>
    private Value AddPair(Graph copy, Value value, Dictionary<Value, Value> map)
    {
        ValueRange range = ranges[value];
        var patch = new GraphPatch();
        Value x = map[value];
        string name = value.Name;
        Value scale = patch.Constant($"{name}/scale", Tensor.Scalar(range.Scale)), zero = patch.Constant($"{name}/zero", Tensor.Scalar(range.ZeroPoint));
        Value integers = patch.Add1($"{name}/Quantize", new Quantize(), x, scale, zero);
        Value real = patch.Add1($"{name}/Dequantize", new Dequantize(), integers, scale, zero);
        if (value.Producer is not null)
        {
            // The integers take the name that users know.
            integers.Name = name;
            x.Name = $"{name}/f32";
            real.Name = $"{name}/real";
        }
        if (plan.IsMadeOfIntegers(value)) copy.Apply(patch.Replace(x, real));
        else pending[value] = patch;
        return real;
    }

    private void Rewrite(Graph copy, Node node, Dictionary<Value, Value> map, Dictionary<Value, Value> reals)
    {
        Node old = map[node.Outputs[0]].Producer!;
        Value?[] inputs = [.. old.InputArray];
        bool changed = false;
        GraphPatch patch = new();
        foreach (int i in QuantizableNode.Activations(node))
        {
            Value source = node.Inputs[i]!;
            if (source.Constant is { } constant)
            {
                if (QuantizedPairs.TakesConstant(node, i)) continue;
                inputs[i] = Constant(patch, source, constant);
                changed = true;
            }
            else if (!plan.IsMadeOfIntegers(source))
            {
                if (pending.Remove(source, out GraphPatch? pair)) patch.Take(pair);
                inputs[i] = reals[source];
                changed = true;
            }
        }
        if (weights.TryGetValue(node, out QuantizedWeights? quantized))
        {
            (inputs[1], Value? bias) = quantized.Add(patch, node);
            if (bias is not null)
            {
                if (inputs.Length <= Conv.Bias) Array.Resize(ref inputs, Conv.Bias + 1);
                inputs[Conv.Bias] = bias;
            }
            changed = true;
        }
        if (!changed) return;
        Value[] results = patch.Add(old.Name, old.Operator, inputs);
        for (int i = 0; i < results.Length; i++)
        {
            results[i].Name = old.Outputs[i].Name;
            patch.Replace(old.Outputs[i], results[i]);
            map[node.Outputs[i]] = results[i];
        }
        copy.Apply(patch);
    }

    /// <summary>A constant operand of a sum or product, in 8 bits.</summary>
    private static Value Constant(GraphPatch patch, Value value, Tensor constant)
    {
        float low = 0, high = 0;
        foreach (float x in constant.Span<float>()) (low, high) = (Math.Min(low, x), Math.Max(high, x));
        ValueRange range = ValueRange.Of(low, high, "min-max");
        var integers = new Tensor(new TensorType(DataType.U8, constant.Shape));
        Span<byte> bytes = integers.View.Bytes;
        ReadOnlySpan<float> reals = constant.Span<float>();
        for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)Requantize.Quantize(reals[i], range.Scale, range.ZeroPoint, 0, 255);
        return patch.Add1($"{value.Name}/real", new Dequantize(), patch.Constant(value.Name, integers), patch.Constant($"{value.Name}/scale", Tensor.Scalar(range.Scale)),
            patch.Constant($"{value.Name}/zero", Tensor.Scalar(range.ZeroPoint)));
    }
}
