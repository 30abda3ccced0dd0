using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Passes;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Runs passes on a graph and checks that it computes the same as before.</summary>
internal static class PassCheck
{
    /// <summary>Builds the graph twice, runs the passes on one, and compares the outputs of both by the operators' definitions.</summary>
    /// <returns>The rewritten graph.</returns>
    public static Graph SameNumbers(Func<Graph> build, params GraphPass[] passes) => SameNumbers(build, [], passes);

    /// <summary>The same, with sizes for symbolic dimensions.</summary>
    public static Graph SameNumbers(Func<Graph> build, Shape[] shapes, params GraphPass[] passes)
    {
        Graph before = build(), after = build();
        PassPipeline.Run(after, passes.Length > 0 ? passes : PassPipeline.All);
        Tensor[] inputs = [.. before.Inputs.Select((v, i) => Noise(v.Type with { Shape = i < shapes.Length ? shapes[i] : v.Type.Shape }, 17 + i))];
        TensorView[] views = Array.ConvertAll(inputs, t => t.View);
        Tensor[] expected = GraphInterpreter.Run(before, views), actual = GraphInterpreter.Run(after, views);
        Assert.Equal(before.Outputs.Select(o => o.Name), after.Outputs.Select(o => o.Name));
        for (int i = 0; i < expected.Length; i++) AssertClose(expected[i], actual[i]);
        return after;
    }

    /// <summary>The dump without names of nodes.</summary>
    public static string[] Operators(Graph graph) => [.. graph.Nodes.Select(n => n.Operator.Name)];

    /// <summary>Numbers between -1 and 1, the same for the same seed.</summary>
    public static Tensor Noise(TensorType type, int seed)
    {
        var tensor = new Tensor(type);
        var random = new Random(seed);
        foreach (ref float x in tensor.Span<float>()) x = random.NextSingle() * 2 - 1;
        return tensor;
    }

    /// <summary>A constant of noise.</summary>
    public static Value Weight(this GraphBuilder builder, string name, params int[] shape) =>
        builder.Constant(name, Noise(new TensorType(DataType.F32, shape), name.Length));

    /// <summary>A convolution of 1 x 1.</summary>
    public static Value Pointwise(this GraphBuilder builder, string name, Value x, int inputs, int outputs) =>
        builder.Add1(name, new Conv { Window = Window.Of(1, 1) }, x, builder.Weight($"{name}/w", outputs, 1, 1, inputs), builder.Weight($"{name}/b", outputs));

    /// <summary>The function of x.</summary>
    public static Value Apply(this GraphBuilder builder, string name, UnaryFunction function, Value x, float alpha = 0, float beta = 0) =>
        builder.Add1(name, new Unary { Function = function, Alpha = alpha, Beta = beta }, x);

    /// <summary>The function of a and b.</summary>
    public static Value Apply(this GraphBuilder builder, string name, BinaryFunction function, Value a, Value b) =>
        builder.Add1(name, new Binary { Function = function }, a, b);

    /// <summary>A constant of rank 0.</summary>
    public static Value Number(this GraphBuilder builder, float value) => builder.Constant($"{value}", Tensor.Scalar(value));

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Type, actual.Type);
        Span<float> e = expected.Span<float>(), a = actual.Span<float>();
        for (int i = 0; i < e.Length; i++) Assert.True(Tolerance.Accumulation.Accepts(a[i], e[i]), $"element {i}: {a[i]}, expected {e[i]}");
    }
}
