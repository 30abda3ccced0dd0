using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Unit;
using Xunit;

namespace EdgeRuntime.Tests.Sessions;

/// <summary>Choices and loops in sessions: as kernels with plans inside where shapes are known, in stages where they depend on data.</summary>
public class ControlFlowTests
{
    private static readonly SessionOptions OneThread = new() { Threads = 1 };

    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_graph_gives_the_same_inside_a_choice(int seed)
    {
        (Graph plain, GraphBody body, GraphBody other) = (Networks.Random(new Random(seed)), Inside(seed), Inside(seed + 1, outputs: Networks.Random(new Random(seed)).Outputs.Count));
        float[][] expected = Run(plain, Input());
        foreach (bool condition in new[] { true, false })
        {
            Graph choice = Choice(condition ? body : other, condition ? other : body, Input().Type);
            Assert.Equal(expected, Run(choice, Tensor.Scalar(condition), Input()));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_loop_gives_what_running_again_and_again_gives(int seed)
    {
        const int Runs = 3;
        Graph plain = Networks.Random(new Random(seed));
        Tensor x = Input();
        var seen = new List<float[]>();
        for (int i = 0; i < Runs; i++)
        {
            float[][] results = Run(plain, x);
            seen.Add(results[^1]);
            x = Tensor.Vector(results[0]);
        }
        foreach (bool known in new[] { true, false })
        {
            var builder = new GraphBuilder("loop");
            Value input = builder.Input("x", Input().Type);
            Value limit = known ? builder.Constant("runs", Tensor.Scalar((long)Runs)) : builder.Input("runs", new TensorType(DataType.I64));
            Value[] outputs = builder.Add("loop", new Loop(LoopBody(seed), 1), limit, null, input);
            builder.Output("last", outputs[0]);
            builder.Output("slices", outputs[1]);
            float[][] results = known ? Run(builder.Build(), Input()) : Run(builder.Build(), Input(), Tensor.Scalar((long)Runs));
            Assert.Equal(x.Span<float>().ToArray(), results[0]);
            Assert.Equal(seen.SelectMany(s => s), results[1]);
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void A_scan_gives_running_sums_in_both_directions(int input, int output)
    {
        var builder = new GraphBuilder("scan");
        Value s = builder.Input("s", new TensorType(DataType.F32, 2)), x = builder.Input("x", new TensorType(DataType.F32, 2, 4)), w = builder.Input("w", new TensorType(DataType.F32, 2));
        Scan scan = SmallBodies.RunningSum();
        (scan.InputAxes, scan.InputDirections, scan.OutputAxes, scan.OutputDirections) = ([-1], [input], [1], [output]);
        Value[] outputs = builder.Add("scan", scan, s, x, w);
        builder.Output("sum", outputs[0]);
        builder.Output("sums", outputs[1]);
        float[][] results = Run(builder.Build(), Tensor.Vector(10f, 20), Tensor.From<float>(new Shape(2, 4), 1, 2, 3, 4, 5, 6, 7, 8), Tensor.Vector(1f, 2));

        Assert.Equal([20f, 46], results[0]);
        float[] first = input == 0 ? [11, 13, 16, 20] : [14, 17, 19, 20], second = input == 0 ? [50, 62, 76, 92] : [56, 70, 82, 92];
        Assert.Equal(output == 0 ? [.. first, .. second] : [.. first.Reverse(), .. second.Reverse()], results[1]);
    }

    [Fact]
    public void Branches_of_different_shapes_are_run_when_they_are_taken()
    {
        GraphBuilder small = new("small"), large = new("large");
        small.Output("y", small.Add1("sum", new Reduce { Function = ReduceFunction.Sum, Axes = [0] }, small.Input("x", new TensorType(DataType.F32, 3))));
        large.Output("y", large.Add1("twice", new Concat(), [.. Enumerable.Repeat(large.Input("x", new TensorType(DataType.F32, 3)), 2)]));
        var builder = new GraphBuilder("choice");
        Value condition = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", new TensorType(DataType.F32, 3));
        Value y = builder.Add1("if", new If(new GraphBody(small.Build()), new GraphBody(large.Build())), condition, x);
        Assert.False(y.Type.Shape.IsStatic);
        builder.Output("z", builder.Add1("double", new Binary(), y, y));
        using var session = new InferenceSession(builder.Build(), OneThread);
        for (int i = 0; i < 4; i++)
        {
            session.Run([Tensor.Scalar(i % 2 == 0).View, Tensor.Vector(1f, 2, 3).View]);
            Assert.Equal(i % 2 == 0 ? [12f] : [2f, 4, 6, 2, 4, 6], session.Output(0).Span<float>().ToArray());
        }
        Assert.Contains("If: the shapes of its results depend on data", session.Explain());
    }

    [Fact]
    public void A_branch_that_was_made_for_other_shapes_says_so_when_it_is_taken()
    {
        GraphBuilder fits = new("fits"), not = new("not");
        fits.Output("y", fits.Add1("abs", new Unary { Function = UnaryFunction.Abs }, fits.Input("x", new TensorType(DataType.F32, Shape.Unknown))));
        not.Output("y", not.Add1("fold", new Reshape { Target = [2, 2] }, not.Input("x", new TensorType(DataType.F32, Shape.Unknown))));
        var builder = new GraphBuilder("choice");
        Value condition = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", new TensorType(DataType.F32, 3));
        builder.Output("y", builder.Add1("if", new If(new GraphBody(fits.Build()), new GraphBody(not.Build())), condition, x));
        using var session = new InferenceSession(builder.Build(), OneThread);
        Assert.Equal(["if_1_"], session.Compiled!.Kernels);
        session.Run([Tensor.Scalar(true).View, Tensor.Vector(-1f, 2, -3).View]);
        Assert.Equal([1f, 2, 3], session.Output(0).Span<float>().ToArray());
        EdgeException error = Assert.Throws<EdgeException>(() => session.Run([Tensor.Scalar(false).View, Tensor.Vector(-1f, 2, -3).View]));
        Assert.Contains("'fold'", error.Message);
    }

    [Fact]
    public void What_a_device_has_no_kernel_for_runs_between_its_sections()
    {
        var builder = new GraphBuilder("sections");
        Value condition = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", Input().Type);
        x = builder.Add1("before", new Unary { Function = UnaryFunction.Abs }, x);
        Value[] chosen = builder.Add("if", new If(Inside(1), Inside(1)), condition, x);
        builder.Output("y", builder.Add1("after", new Unary { Function = UnaryFunction.Neg }, chosen[0]));
        Graph graph = builder.Build();
        using var fake = new FakeBackend(step => step.Operator is If ? "operators with bodies are the CPU's" : null);
        using var session = new InferenceSession(graph, new SessionOptions { Threads = 1, Accelerator = fake });
        Assert.Contains("cpu", session.StepBackends!);
        session.Run([Tensor.Scalar(true).View, Input().View]);
        Assert.Equal(Run(graph, Tensor.Scalar(true), Input())[0], session.Output(0).Span<float>().ToArray());
        Assert.Contains("operators with bodies", session.Explain());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(7)]
    public void What_a_loop_carries_may_grow(int runs)
    {
        var body = new GraphBuilder("grow");
        Value number = body.Input("i", new TensorType(DataType.I64));
        Value goesOn = body.Input("c", new TensorType(DataType.Bool)), list = body.Input("list", new TensorType(DataType.I64, Shape.Unknown));
        body.Output("c", goesOn);
        body.Output("list", body.Add1("append", new Concat(), list, body.Add1("vector", new Reshape { Target = [1] }, number)));
        var builder = new GraphBuilder("growing");
        Value limit = builder.Input("runs", new TensorType(DataType.I64)), start = builder.Input("start", new TensorType(DataType.I64, 1));
        builder.Output("list", builder.Add1("loop", new Loop(new GraphBody(body.Build()), 1), limit, null, start));
        using var session = new InferenceSession(builder.Build(), OneThread);
        session.Run([Tensor.Scalar((long)runs).View, Tensor.Vector(-1L).View]);
        Assert.Equal(Enumerable.Range(-1, runs + 1).Select(i => (long)i), session.Output(0).Span<long>().ToArray());
    }

    [Fact]
    public void Slices_of_a_loop_cannot_take_all_memory()
    {
        var body = new GraphBuilder("endless");
        body.Input("i", new TensorType(DataType.I64));
        Value goesOn = body.Input("c", new TensorType(DataType.Bool)), x = body.Input("x", new TensorType(DataType.F32, Shape.Unknown));
        body.Output("c", goesOn);
        body.Output("slice", x);
        var op = new Loop(new GraphBody(body.Build()), 0);
        // Gigabytes are asked for before any of them is touched: what a body hands through is counted, not copied.
        using var large = new Tensor(new TensorType(DataType.F32, 1 << 28));
        Tensor shared = large;
        EdgeException error = Assert.Throws<EdgeException>(() => op.Execute([default, default, large.View], (_, _) => [Tensor.Scalar(true), shared]));
        Assert.Contains("2^31 bytes", error.Message);
    }

    [Fact]
    public void A_loop_without_end_is_stopped()
    {
        var body = new GraphBuilder("endless");
        body.Input("i", new TensorType(DataType.I64));
        body.Output("c", body.Input("c", new TensorType(DataType.Bool)));
        Tensor[] goesOn = [Tensor.Scalar(true)];
        EdgeException error = Assert.Throws<EdgeException>(() => new Loop(new GraphBody(body.Build()), 0).Execute([default, default], (_, _) => goesOn));
        Assert.Contains("still true after", error.Message);
    }

    [Fact]
    public void What_follows_data_is_planned_when_its_shape_is_there()
    {
        var builder = new GraphBuilder("staged");
        Value x = builder.Input("x", new TensorType(DataType.F32, 8));
        Value positive = builder.Add1("positive", new Unary { Function = UnaryFunction.Relu }, x);
        Value places = builder.Add1("places", new NonZero(), positive);
        Value found = builder.Add1("found", new Gather(), positive, builder.Add1("flat", new Reshape { Target = [-1] }, places));
        builder.Output("scaled", builder.Add1("scaled", new Binary { Function = BinaryFunction.Mul }, found, builder.Constant("2", Tensor.Scalar(2f))));
        builder.Output("positive", positive);
        builder.Output("x", x);
        using var session = new InferenceSession(builder.Build(), OneThread);
        foreach (float[] values in new float[][] { [1, -2, 3, -4, 5, -6, 7, -8], [0, 0, 0, 0, 0, 0, 0, 4], [-1, -1, -1, -1, -1, -1, -1, -1], [1, -2, 3, -4, 5, -6, 7, 8] })
        {
            session.Run([Tensor.Vector(values).View]);
            Assert.Equal(values.Where(v => v > 0).Select(v => 2 * v), session.Output(0).Span<float>().ToArray());
            Assert.Equal(values.Select(v => Math.Max(v, 0)), session.Output(1).Span<float>().ToArray());
            Assert.Equal(values, session.Output(2).Span<float>().ToArray());
        }
        string explained = session.Explain();
        Assert.Contains("1 × NonZero", explained);
        Assert.Contains("relu_f32", explained);
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Stages_give_what_the_definitions_give(int seed)
    {
        var random = new Random(seed);
        var builder = new GraphBuilder("staged");
        var values = new List<Value> { builder.Input("x", new TensorType(DataType.F32, 12)), builder.Input("y", new TensorType(DataType.F32, 12)) };
        int nodes = random.Next(2, 16);
        for (int i = 0; i < nodes; i++)
        {
            Value a = values[random.Next(values.Count)], b = values[random.Next(values.Count)];
            values.Add(random.Next(4) switch
            {
                0 => builder.Add1($"some{i}", new Compress { Flat = true }, a, builder.Add1($"mask{i}", new Binary { Function = BinaryFunction.Greater }, a, builder.Constant("0", Tensor.Scalar(0f)))),
                1 => builder.Add1($"join{i}", new Concat(), a, b),
                2 => builder.Add1($"sum{i}", new Binary(), a, builder.Add1($"total{i}", new Reduce { Function = ReduceFunction.Sum, Axes = [0] }, b)),
                _ => builder.Add1($"abs{i}", new Unary { Function = UnaryFunction.Abs }, a),
            });
        }
        builder.Output("last", values[^1]);
        builder.Output("any", values[random.Next(values.Count)]);
        Graph graph = builder.Build();
        using var session = new InferenceSession(graph, OneThread);
        for (int round = 0; round < 3; round++)
        {
            Tensor[] inputs = [Noise(random), Noise(random)];
            session.Run([inputs[0].View, inputs[1].View]);
            Tensor[] expected = GraphInterpreter.Run(graph, [inputs[0].View, inputs[1].View]);
            for (int o = 0; o < expected.Length; o++)
            {
                Assert.Equal(expected[o].Shape, session.Output(o).Shape);
                Assert.Equal(expected[o].Span<float>().ToArray().Select(v => MathF.Round(v, 3)), session.Output(o).Span<float>().ToArray().Select(v => MathF.Round(v, 3)));
            }
        }
    }

    private static Tensor Noise(Random random) => Tensor.Vector([.. Enumerable.Range(0, 12).Select(_ => random.NextSingle() - 0.5f)]);

    private static Tensor Input() => Tensor.Vector([.. Enumerable.Range(0, 12).Select(i => i * 1.5f - 7)]);

    private static float[][] Run(Graph graph, params Tensor[] inputs)
    {
        using var session = new InferenceSession(graph, OneThread);
        session.Run(Array.ConvertAll(inputs, i => i.View));
        return [.. Enumerable.Range(0, graph.Outputs.Count).Select(i => session.Output(i).Span<float>().ToArray())];
    }

    private static Graph Choice(GraphBody then, GraphBody otherwise, TensorType type)
    {
        var builder = new GraphBuilder("choice");
        Value[] results = builder.Add("if", new If(then, otherwise), builder.Input("condition", new TensorType(DataType.Bool)), builder.Input("x", type));
        for (int i = 0; i < results.Length; i++) builder.Output($"y{i}", results[i]);
        return builder.Build();
    }

    /// <summary>The random network as a body, with as many outputs as are asked for.</summary>
    private static GraphBody Inside(int seed, int? outputs = null)
    {
        Graph graph = Networks.Random(new Random(seed));
        if (outputs is not { } count || count == graph.Outputs.Count) return new GraphBody(graph);
        Value[] wanted = [.. Enumerable.Range(0, count).Select(i => graph.Outputs[i % graph.Outputs.Count].Value)];
        return new GraphBody(GraphCutter.Cut(graph, graph.Nodes, [.. graph.Inputs], wanted));
    }

    /// <summary>The random network as the body of a loop: it carries the first output, and gives the last as slices.</summary>
    private static GraphBody LoopBody(int seed)
    {
        Graph graph = Networks.Random(new Random(seed));
        var builder = new GraphBuilder("body");
        builder.Input("i", new TensorType(DataType.I64));
        Value goesOn = builder.Input("c", new TensorType(DataType.Bool)), x = builder.Input("x", graph.Inputs[0].Type);
        Value[] results = BodyInlining.Inline(new GraphBody(graph), [x], (name, op, operands) => builder.Add(name, op, operands));
        builder.Output("c", goesOn);
        builder.Output("x", results[0]);
        builder.Output("slice", results[^1]);
        return new GraphBody(builder.Build());
    }
}
