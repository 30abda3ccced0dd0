using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;

namespace EdgeRuntime.Tools.Onnx.Operators;

/// <summary>Recurrent networks.</summary>
internal static class Recurrent
{
    public static readonly (string Name, OnnxImport Import)[] All =
    [
        ("RNN", n => Layer(n, RecurrentCell.Simple)),
        ("GRU", n => Layer(n, RecurrentCell.Gru)),
        ("LSTM", n => Layer(n, RecurrentCell.Lstm)),
    ];

    private static Value[] Layer(OnnxNode node, RecurrentCell cell) => Layer(node, cell, node.Input(1), node.Input(2));

    /// <summary>A layer with the given weights.</summary>
    internal static Value[] Layer(OnnxNode node, RecurrentCell cell, Value weights, Value recurrent)
    {
        OnnxAttributes given = node.Attributes;
        var layer = new RecurrentLayer
        {
            Cell = cell,
            Direction = given.OneOf("direction", "forward", "reverse", "bidirectional") switch
            {
                "forward" => RecurrentDirection.Forward,
                "reverse" => RecurrentDirection.Reverse,
                _ => RecurrentDirection.Both,
            },
            Hidden = given.Int32("hidden_size", recurrent.Type.Shape is { Rank: 3 } r ? r[2] : 0),
            Activations = Activations(node),
            Clip = given.Float("clip", 0),
            LinearBeforeReset = given.Bool("linear_before_reset", false),
            CoupledForget = given.Bool("input_forget", false),
        };
        bool batchFirst = given.Int("layout", 0) == 1;
        Value x = Swap(node.Input(0));
        Value? h = node.Optional(5) is { } initialH ? Swap(initialH) : null, c = node.Optional(6) is { } initialC ? Swap(initialC) : null;
        Value[] results = node.Add(layer, x, weights, recurrent, node.Optional(3), node.Optional(4), h, c, node.Optional(7));
        if (!batchFirst) return results;
        results[0] = node.Transpose(results[0], 2, 0, 1, 3);
        for (int i = 1; i < results.Length; i++) results[i] = Swap(results[i]);
        return results;

        Value Swap(Value value) => batchFirst ? node.Transpose(value, 1, 0, 2) : value;
    }

    /// <summary>The activations with their parameters, which are listed only for those functions that have some.</summary>
    private static Activation[] Activations(OnnxNode node)
    {
        string[] names = node.Attributes.Strings("activations");
        float[] alphas = node.Attributes.Floats("activation_alpha"), betas = node.Attributes.Floats("activation_beta");
        int alpha = 0, beta = 0;
        return Array.ConvertAll(names, name =>
        {
            (UnaryFunction function, float? usualAlpha, float? usualBeta) = name.ToLowerInvariant() switch
            {
                "relu" => (UnaryFunction.Relu, (float?)null, (float?)null),
                "tanh" => (UnaryFunction.Tanh, null, null),
                "sigmoid" => (UnaryFunction.Sigmoid, null, null),
                "softsign" => (UnaryFunction.Softsign, null, null),
                "softplus" => (UnaryFunction.Softplus, null, null),
                "leakyrelu" => (UnaryFunction.LeakyRelu, 0.01f, null),
                "thresholdedrelu" => (UnaryFunction.ThresholdedRelu, 1f, null),
                "elu" => (UnaryFunction.Elu, 1f, null),
                "hardsigmoid" => (UnaryFunction.HardSigmoid, 0.2f, 0.5f),
                _ => throw node.Problem($"the activation '{name}' is not supported"),
            };
            float a = usualAlpha is null ? 0 : alpha < alphas.Length ? alphas[alpha++] : usualAlpha.Value;
            float b = usualBeta is null ? 0 : beta < betas.Length ? betas[beta++] : usualBeta.Value;
            return new Activation(function, a, b);
        });
    }
}
