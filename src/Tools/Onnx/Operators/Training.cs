using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>
/// One step of an optimizer, as ONNX's preview of training defines it. Inputs: rate, number of updates before, then a list of each: weights, gradients,
/// and what the optimizer keeps.
/// </summary>
internal static class Training
{
    private const string Domain = "ai.onnx.preview.training";

    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ($"{Domain}.Adagrad", n => Each(n, 3, Adagrad)),
        ($"{Domain}.Adam", n => Each(n, 4, Adam)),
        ($"{Domain}.Momentum", n => Each(n, 3, Momentum)),
    ];

    /// <summary>Applies the step to each weight with all that belongs to it; results are lists again.</summary>
    private static Value[] Each(OnnxNode node, int lists, Func<OnnxNode, Value[], Value[]> step)
    {
        int count = (node.Inputs.Count - 2) / lists;
        if (count < 1 || node.Inputs.Count != 2 + count * lists) throw node.Problem($"{node.Inputs.Count} inputs are not two and {lists} lists");
        Value[][] results = [.. Enumerable.Range(0, count).Select(i => step(node, [.. Enumerable.Range(0, lists).Select(list => node.Input(2 + list * count + i))]))];
        return [.. Enumerable.Range(0, results[0].Length).SelectMany(list => results.Select(r => r[list]))];
    }

    private static Value[] Adagrad(OnnxNode node, Value[] of)
    {
        (Value x, Value kept) = (of[0], of[2]);
        Value slowed = node.Binary(BinaryFunction.Add, node.Scalar(x.Type.DataType, 1), Times(node, Updates(node, x), node.Attributes.Float("decay_factor", 0)));
        Value rate = node.Binary(BinaryFunction.Div, Rate(node, x), slowed), gradient = Gradient(node, x, of[1]);
        Value squares = node.Binary(BinaryFunction.Add, kept, node.Unary(UnaryFunction.Square, gradient));
        return [Step(node, x, node.Binary(BinaryFunction.Mul, rate, gradient), Root(node, squares)), squares];
    }

    private static Value[] Adam(OnnxNode node, Value[] of)
    {
        (Value x, Value momentum, Value kept) = (of[0], of[2], of[3]);
        DataType type = x.Type.DataType;
        float alpha = node.Attributes.Float("alpha", 0.9f), beta = node.Attributes.Float("beta", 0.999f), after = node.Attributes.Float("norm_coefficient_post", 0);
        Value gradient = Gradient(node, x, of[1]), updates = Updates(node, x);
        Value mean = node.Binary(BinaryFunction.Add, Times(node, momentum, alpha), Times(node, gradient, 1 - alpha));
        Value squares = node.Binary(BinaryFunction.Add, Times(node, kept, beta), Times(node, node.Unary(UnaryFunction.Square, gradient), 1 - beta));

        // The first updates of a mean that begins at zero are too small.
        Value corrected = node.Binary(BinaryFunction.Div, node.Binary(BinaryFunction.Mul, Rate(node, x), node.Unary(UnaryFunction.Sqrt, Missing(beta))), Missing(alpha));
        Value rate = node.Prepare(new Where(), node.Binary(BinaryFunction.Greater, updates, node.Scalar(type, 0)), corrected, Rate(node, x));
        Value next = Step(node, x, node.Binary(BinaryFunction.Mul, rate, mean), Root(node, squares));
        return [Times(node, next, 1 - after), mean, squares];

        Value Missing(float factor) => node.Binary(BinaryFunction.Sub, node.Scalar(type, 1), node.Binary(BinaryFunction.Pow, node.Scalar(type, factor), updates));
    }

    private static Value[] Momentum(OnnxNode node, Value[] of)
    {
        (Value x, Value kept) = (of[0], of[2]);
        DataType type = x.Type.DataType;
        float alpha = node.Attributes.Float("alpha", 0);
        Value gradient = Gradient(node, x, of[1]);
        Value first = node.Binary(BinaryFunction.Greater, Updates(node, x), node.Scalar(type, 0));
        Value share = node.Prepare(new Where(), first, node.Scalar(type, node.Attributes.Float("beta", 0)), node.Scalar(type, 1));
        Value speed = node.Binary(BinaryFunction.Add, Times(node, kept, alpha), node.Binary(BinaryFunction.Mul, share, gradient));
        Value way = node.Attributes.OneOf("mode", "standard", "nesterov") == "standard" ? speed : node.Binary(BinaryFunction.Add, gradient, Times(node, speed, alpha));
        return [node.Binary(BinaryFunction.Sub, x, node.Binary(BinaryFunction.Mul, Rate(node, x), way)), speed];
    }

    private static Value Rate(OnnxNode node, Value x) => node.Cast(node.Input(0), x.Type.DataType);

    private static Value Updates(OnnxNode node, Value x) => node.Cast(node.Input(1), x.Type.DataType);

    /// <summary>The gradient, and that of the penalty for large weights.</summary>
    private static Value Gradient(OnnxNode node, Value x, Value gradient) =>
        node.Binary(BinaryFunction.Add, Times(node, x, node.Attributes.Float("norm_coefficient", 0)), gradient);

    private static Value Root(OnnxNode node, Value squares) =>
        node.Binary(BinaryFunction.Add, node.Unary(UnaryFunction.Sqrt, squares), node.Scalar(squares.Type.DataType, node.Attributes.Float("epsilon", 1e-6f)));

    private static Value Step(OnnxNode node, Value x, Value way, Value by) => node.Binary(BinaryFunction.Sub, x, node.Binary(BinaryFunction.Div, way, by));

    private static Value Times(OnnxNode node, Value x, double factor) => node.Binary(BinaryFunction.Mul, x, node.Scalar(x.Type.DataType, factor));
}
