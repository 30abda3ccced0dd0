using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Passes;

/// <summary>Attention as exporters spell it becomes one operator that reads what was split into heads, and computes the same.</summary>
public class AttentionPatternTests
{
    public static TheoryData<string> Spellings => ["scaled scores", "divided scores", "scaled operands", "keys transposed twice", "added mask", "added mask first", "where", "where hidden", "where raised", "scaled, where, added"];

    [Theory]
    [MemberData(nameof(Spellings))]
    public void Heads_split_by_transposes(string spelling)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("attention");
            int batch = b.Symbol("batch"), length = b.Symbol("length");
            Value x = b.Input("x", new TensorType(DataType.F32, batch, length, 12));
            Value q = Heads(b, x, "q"), k = Heads(b, x, "k"), v = Heads(b, x, "v");
            if (spelling == "scaled operands") (q, k) = (b.Apply("qs", BinaryFunction.Mul, q, b.Number(0.6f)), b.Apply("ks", BinaryFunction.Mul, k, b.Number(0.7f)));
            Value scores = b.Add1("scores", new MatMul(), q, b.Add1("kt", new Transpose { Permutation = [0, 1, 3, 2] }, k));
            if (spelling.StartsWith("scaled scores", StringComparison.Ordinal) || spelling == "scaled, where, added") scores = b.Apply("s", BinaryFunction.Mul, b.Number(0.5f), scores);
            if (spelling == "divided scores") scores = b.Apply("s", BinaryFunction.Div, scores, b.Number(2));
            Value mask = b.Weight("mask", 1, 1, 5, 5), open = b.Apply("open", BinaryFunction.Greater, mask, b.Number(-0.5f)), low = b.Number(-100);
            if (spelling.Contains("where hidden")) scores = b.Add1("where", new Where(), b.Apply("hidden", BinaryFunction.Less, mask, b.Number(-0.5f)), low, scores);
            else if (spelling.Contains("where raised")) scores = b.Add1("where", new Where(), open, scores, b.Apply("raised", BinaryFunction.Add, scores, low));
            else if (spelling.Contains("where")) scores = b.Add1("where", new Where(), open, scores, low);
            if (spelling.Contains("added")) scores = spelling.Contains("first") ? b.Apply("m", BinaryFunction.Add, mask, scores) : b.Apply("m", BinaryFunction.Add, scores, mask);
            Value mixed = b.Add1("mixed", new MatMul(), b.Add1("shares", new Softmax(), scores), v);
            Value joined = b.Add1("joined", new Reshape { Target = [0, 0, 12] }, b.Add1("back", new Transpose { Permutation = [0, 2, 1, 3] }, mixed));
            b.Output("y", joined);
            return b.Build();
        }, [new Shape(2, 5, 12)]);
        Attention attention = Assert.IsType<Attention>(Assert.Single(graph.Nodes, n => n.Operator is Attention).Operator);
        Assert.True(attention is { QueryByLength: true, KeyByLength: true, ValueByLength: true, ResultByLength: true });
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is Transpose or Softmax || n.Operator is Binary { Function: BinaryFunction.Mul or BinaryFunction.Div });
    }

    [Fact]
    public void Heads_in_the_batch()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("attention");
            Value q = b.Input("q", new TensorType(DataType.F32, 6, 5, 4)), k = b.Input("k", new TensorType(DataType.F32, 6, 7, 4)), v = b.Input("v", new TensorType(DataType.F32, 6, 7, 3));
            Value scores = b.Apply("m", BinaryFunction.Add, b.Add1("scores", new MatMul { TransposeB = true, Scale = 0.5f }, q, k), b.Weight("mask", 6, 5, 7));
            b.Output("y", b.Add1("mixed", new MatMul(), b.Add1("shares", new Softmax { Axis = 2 }, scores), v));
            return b.Build();
        });
        Assert.Single(graph.Nodes, n => n.Operator is Attention);
    }

    [Fact]
    public void Keys_and_values_that_are_repeated_are_shared()
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("attention");
            Value q = b.Input("q", new TensorType(DataType.F32, 1, 6, 5, 4));
            Value k = Repeat(b, b.Input("k", new TensorType(DataType.F32, 1, 2, 7, 4))), v = Repeat(b, b.Input("v", new TensorType(DataType.F32, 1, 2, 7, 3)));
            b.Output("y", b.Add1("mixed", new MatMul(), b.Add1("shares", new Softmax(), b.Add1("scores", new MatMul { TransposeB = true }, q, k)), v));
            return b.Build();
        });
        Assert.Equal(["Attention"], PassCheck.Operators(graph));

        static Value Repeat(GraphBuilder b, Value x) => b.Add1("joined", new Reshape { Target = [1, 6, 7, -1] },
            b.Add1("repeat", new Expand { Target = [1, 2, 3, 7, x.Type.Shape[3]] }, b.Add1("apart", new Unsqueeze { Axes = [2] }, x)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_only_looks_like_attention_is_kept(bool scaledMask)
    {
        Graph graph = PassCheck.SameNumbers(() =>
        {
            var b = new GraphBuilder("no attention");
            Value q = b.Input("q", new TensorType(DataType.F32, 1, 2, 5, 4)), k = b.Input("k", new TensorType(DataType.F32, 1, 2, 5, 4));
            Value scores = b.Add1("scores", new MatMul { TransposeB = true }, q, k);
            if (scaledMask) scores = b.Apply("s", BinaryFunction.Mul, b.Apply("m", BinaryFunction.Add, scores, b.Weight("mask", 5, 5)), b.Number(0.5f));
            Value shares = b.Add1("shares", new Softmax { Axis = scaledMask ? -1 : 2 }, scores);
            b.Output("y", b.Add1("mixed", new MatMul(), shares, k));
            return b.Build();
        });
        Assert.DoesNotContain(graph.Nodes, n => n.Operator is Attention);
    }

    [Fact]
    public void Parts_compute_the_same()
    {
        foreach (bool causal in (bool[])[false, true])
        {
            Graph whole = Build(), parts = Build();
            AttentionParts.Expand(parts);
            GraphVerifier.Verify(parts);
            Assert.DoesNotContain(parts.Nodes, n => n.Operator is Attention);
            Tensor[] feed = [.. whole.Inputs.Select((v, i) => PassCheck.Noise(v.Type, i))];
            TensorView[] views = Array.ConvertAll(feed, t => t.View);
            Tensor expected = GraphInterpreter.Run(whole, views)[0], actual = GraphInterpreter.Run(parts, views)[0];
            for (int i = 0; i < expected.Span<float>().Length; i++) Assert.Equal(expected.Span<float>()[i], actual.Span<float>()[i], 1e-5f);

            Graph Build()
            {
                var b = new GraphBuilder("attention");
                Value q = b.Input("q", new TensorType(DataType.F32, 2, 5, 6, 4)), k = b.Input("k", new TensorType(DataType.F32, 2, 2, 7, 4)), v = b.Input("v", new TensorType(DataType.F32, 2, 2, 7, 3));
                var open = new Tensor(new TensorType(DataType.Bool, 5, 7));
                open.Span<byte>().Fill(1);
                open.Span<byte>()[3] = 0;
                b.Output("y", b.Add1("a", new Attention { Scale = 0.4f, Fill = -3, Causal = causal, QueryByLength = true, ResultByLength = true }, q, k, v, b.Weight("mask", 6, 1, 7), b.Constant("open", open)));
                return b.Build();
            }
        }
    }

    private static Value Heads(GraphBuilder b, Value x, string name) => b.Add1($"{name}t", new Transpose { Permutation = [0, 2, 1, 3] },
        b.Add1($"{name}h", new Reshape { Target = [0, 0, 3, 4] }, b.Add1(name, new MatMul(), x, b.Weight($"w{name}{name}{name[0] - 'a'}", 12, 12))));
}
