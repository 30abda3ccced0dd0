using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Graphs;

/// <summary>Attention as the products, masks and softmax it is made of, for backends that have kernels for these.</summary>
internal static class AttentionParts
{
    /// <summary>Takes every attention of a graph of known shapes apart.</summary>
    public static void Expand(Graph graph)
    {
        foreach (Node node in graph.Nodes)
            if (node.Operator is Attention attention) graph.Apply(Parts(node, attention));
    }

    private static GraphPatch Parts(Node node, Attention attention)
    {
        var patch = new GraphPatch();
        Value q = ByHead(node.Inputs[0]!, attention.QueryByLength), k = ByHead(node.Inputs[1]!, attention.KeyByLength), v = ByHead(node.Inputs[2]!, attention.ValueByLength);
        int heads = q.Type.Shape[1], keyHeads = k.Type.Shape[1], length = q.Type.Shape[2], keys = k.Type.Shape[2];
        if (keyHeads < heads) (k, v) = (Repeated(k), Repeated(v));
        Value scores = patch.Add1($"{node.Name}/scores", new MatMul { TransposeB = true, Scale = attention.Scale }, q, k);
        if (node.Input(Attention.Open) is { } open) scores = patch.Add1($"{node.Name}/open", new Where(), open, scores, patch.Constant("fill", Tensor.Scalar(attention.Fill)));
        if (node.Input(Attention.Added) is { } added) scores = patch.Add1($"{node.Name}/masked", new Binary { Function = BinaryFunction.Add }, scores, added);
        if (attention.Causal) scores = patch.Add1($"{node.Name}/causal", new Where(), Past(), scores, patch.Constant("hidden", Tensor.Scalar(float.NegativeInfinity)));
        Value mixed = patch.Add1($"{node.Name}/mixed", new MatMul(), patch.Add1($"{node.Name}/shares", new Softmax(), scores), v);
        if (attention.ResultByLength) mixed = patch.Add1($"{node.Name}/turned", new Transpose { Permutation = [0, 2, 1, 3] }, mixed);
        mixed.Name = node.Outputs[0].Name;
        return patch.Replace(node.Outputs[0], mixed);

        Value ByHead(Value x, bool byLength) => byLength ? patch.Add1($"{node.Name}/heads", new Transpose { Permutation = [0, 2, 1, 3] }, x) : x;

        Value Repeated(Value x)
        {
            Shape shape = x.Type.Shape;
            Value apart = patch.Add1($"{node.Name}/apart", new Unsqueeze { Axes = [2] }, x);
            Value repeated = patch.Add1($"{node.Name}/repeated", new Expand { Target = [shape[0], keyHeads, heads / keyHeads, shape[2], shape[3]] }, apart);
            return patch.Add1($"{node.Name}/joined", new Reshape { Target = [shape[0], heads, shape[2], shape[3]], AllowZero = true }, repeated);
        }

        Value Past()
        {
            var past = new Tensor(new TensorType(DataType.Bool, length, keys));
            Span<byte> open = past.Span<byte>();
            for (int i = 0; i < length; i++)
                for (int j = 0; j < keys; j++) open[i * keys + j] = j <= i + keys - length ? (byte)1 : (byte)0;
            return patch.Constant("past", past);
        }
    }
}
