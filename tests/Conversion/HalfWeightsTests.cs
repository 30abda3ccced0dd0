using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using Xunit;

namespace EdgeRuntime.Tests.Conversion;

public class HalfWeightsTests
{
    [Fact]
    public void The_file_halves_and_outputs_stay_close()
    {
        byte[] full = EdgeWriter.ToArray(new EdgeModel(Network(1), new ModelMetadata()));
        Graph graph = Network(1);
        Assert.Equal(2, HalfWeights.Apply(graph));
        GraphVerifier.Verify(graph);
        byte[] half = EdgeWriter.ToArray(new EdgeModel(graph, new ModelMetadata()));

        Assert.InRange(half.Length, 0, full.Length * 0.55);
        float[] expected = Run(full), actual = Run(half);
        float scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++) Assert.InRange(Math.Abs(expected[i] - actual[i]), 0, 1e-2f * scale);
    }

    [Fact]
    public void A_session_runs_no_cast_and_shares_what_was_not_halved()
    {
        Graph graph = Network(1);
        HalfWeights.Apply(graph);
        using EdgeModel model = EdgeReader.Read(EdgeWriter.ToArray(new EdgeModel(graph, new ModelMetadata())));
        using var session = new InferenceSession(model.Graph);
        Assert.DoesNotContain(session.Plan!.Steps, s => s.Operator is Cast);
        // The halves stay in the file; the plan holds only what was widened.
        Assert.DoesNotContain(session.Plan.Slots, s => s.Type.DataType == DataType.F16);
    }

    [Theory]
    [InlineData(70000f)]
    [InlineData(1e-6f)]
    public void Values_that_half_precision_cannot_hold_stay(float value)
    {
        Graph graph = Network(value, value);
        Assert.Equal(1, HalfWeights.Apply(graph));
    }

    [Fact]
    public void Infinities_and_small_constants_are_no_obstacle()
    {
        Graph graph = Network(1, float.NegativeInfinity);
        Assert.Equal(2, HalfWeights.Apply(graph));
    }

    private static float[] Run(byte[] file)
    {
        using EdgeModel model = EdgeReader.Read(file);
        using var session = new InferenceSession(model.Graph);
        Span<float> x = session.Input(0).Span<float>();
        for (int i = 0; i < x.Length; i++) x[i] = MathF.Sin(i);
        session.Run();
        return session.Output(0).Span<float>().ToArray();
    }

    /// <summary>Two products and a bias; the first weights are multiplied by <paramref name="scale"/>.</summary>
    private static Graph Network(float scale, float? first = null)
    {
        var random = new Random(3);
        Tensor Weights(int rows, int columns, float by)
        {
            var tensor = new Tensor(new TensorType(DataType.F32, rows, columns));
            foreach (ref float w in tensor.Span<float>()) w = (float)(random.NextDouble() * 2 - 1) * by;
            return tensor;
        }

        var builder = new GraphBuilder("network");
        Tensor a = Weights(64, 64, scale);
        if (first is { } value) a.Span<float>()[0] = value;
        Value x = builder.Input("x", new TensorType(DataType.F32, 2, 64));
        Value y = builder.Add1("a", new MatMul(), x, builder.Constant("wa", a));
        y = builder.Add1("bias", new Binary { Function = BinaryFunction.Add }, y, builder.Constant("b", Tensor.Scalar(0.25f)));
        builder.Output("y", builder.Add1("b2", new MatMul(), y, builder.Constant("wb", Weights(64, 32, 1))));
        return builder.Build();
    }
}
