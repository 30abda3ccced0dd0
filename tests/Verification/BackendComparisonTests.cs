using System.Text.Json;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Cli;
using EdgeRuntime.Tests.RandomGraphs;
using EdgeRuntime.Tools.Verification;
using Xunit;

namespace EdgeRuntime.Tests.Verification;

/// <summary>Backends against each other: the layer that differs is found, and what is saved of it fails by itself.</summary>
public class BackendComparisonTests
{
    [Fact]
    public void Paths_of_the_cpu_agree()
    {
        ComparedBackend[] backends = [new("cpu", new CpuBackend(2)), .. CpuPath.All.Select(p => new ComparedBackend($"cpu:{p.Name}", p.Open(2)))];
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new RandomGraph(seed);
            BackendVerdict verdict = new BackendComparison(random.Graph, random.Feed, backends).Run(null, TestContext.Current.CancellationToken);
            Assert.True(verdict.Passed, $"seed {seed}: {verdict.Culprit}");
            Assert.All(verdict.Layers, layer => Assert.True(layer.IsExact));
            Assert.All(verdict.Whole, whole => Assert.True(whole.Same));
        }
        foreach (ComparedBackend backend in backends) backend.Dispose();
    }

    [Fact]
    public void The_first_layer_that_differs_becomes_a_case()
    {
        using var folder = new TemporaryFolder();
        (Graph graph, Tensor[] inputs) = Network();
        using ComparedBackend right = new("cpu", new CpuBackend(1)), wrong = new("wrong", new WrongBackend(s => s.Operator is Pool or Softmax));
        BackendVerdict verdict = new BackendComparison(graph, inputs, [right, wrong]).Run(null, TestContext.Current.CancellationToken);
        Culprit culprit = Assert.IsType<Culprit>(verdict.Culprit);
        Assert.Equal(("pool", "wrong", true, false), (culprit.Layer.Name, culprit.Backend, culprit.ReferenceIsRight, culprit.BackendIsRight));
        // What is wrong before a layer does not count against it.
        Assert.Equal(["pool", "softmax"], verdict.Layers.Where(l => !l.IsSame).Select(l => l.Node.Name));
        Assert.False(verdict.Layers.Single(l => l.Node.Name == "softmax").IsExact);

        string path = BackendCase.Save(folder.Path, culprit);
        Assert.Equal(["input_0.npy", "model.edge", "output_0.npy"], Directory.GetFiles(path).Select(Path.GetFileName).Order());
        Assert.True(BackendCase.IsCase(path));
        using BackendCase read = BackendCase.Open(path);
        Assert.Equal(culprit.Layer.Operator.ToString(), Assert.Single(read.Model.Graph.Nodes).Operator.ToString());
        BackendVerdict again = new BackendComparison(read.Model.Graph, read.Inputs, [right, wrong], read.Outputs).Run(null, TestContext.Current.CancellationToken);
        Assert.NotNull(again.Culprit);
        Assert.Equal(culprit.Layer.Outputs[0].Type, again.Culprit.Layer.Outputs[0].Type);
        Assert.True(new BackendComparison(read.Model.Graph, read.Inputs, [right], read.Outputs).Run(null, TestContext.Current.CancellationToken).Passed);
        Assert.Equal(path, BackendCase.Save(folder.Path, culprit));
    }

    [Theory]
    [InlineData(1000, 5e-3f, 0)]
    [InlineData(1000, 5e-2f, 1)]
    [InlineData(0.5f, 9e-6f, 0)]
    [InlineData(0.5f, 2e-5f, 1)]
    public void What_may_differ_near_zero_grows_with_the_numbers_around_it(float size, float difference, long count)
    {
        var type = new TensorType(DataType.F32, new Shape(4));
        Tensor expected = new(type), actual = new(type);
        new[] { size, -size, size, 0 }.CopyTo(expected.View.Span<float>());
        new[] { size, -size, size, difference }.CopyTo(actual.View.Span<float>());
        Assert.Equal(count, BackendComparison.Differences(actual.View, expected.View, Tolerance.Accumulation).Count);
    }

    [Fact]
    public void Cases_that_onnx_can_express_are_written_so()
    {
        using var folder = new TemporaryFolder();
        using ComparedBackend right = new("cpu", new CpuBackend(1)), wrong = new("wrong", new WrongBackend(s => s.Operator is Conv or MatMul or Softmax or Quantize));
        var written = new HashSet<Type>();
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new RandomGraph(seed);
            if (new BackendComparison(random.Graph, random.Feed, [right, wrong]).Run(null, TestContext.Current.CancellationToken).Culprit is not { } culprit) continue;
            string path = BackendCase.Save(folder.Path, culprit);
            if (!File.Exists(Path.Combine(path, "model.onnx"))) continue;
            written.Add(culprit.Layer.Operator.GetType());
            using BackendCase read = BackendCase.Open(path);
            BackendVerdict fine = new BackendComparison(read.Model.Graph, read.Inputs, [right], read.Outputs).Run(null, TestContext.Current.CancellationToken);
            Assert.True(fine.Passed, $"seed {seed}: {culprit.Layer.Operator}");
            Culprit? again = new BackendComparison(read.Model.Graph, read.Inputs, [right, wrong], read.Outputs).Run(null, TestContext.Current.CancellationToken).Culprit;
            Assert.True(again?.Layer.Operator.GetType() == culprit.Layer.Operator.GetType(), $"seed {seed}: {culprit.Layer.Operator} became {again?.Layer.Operator}");
        }
        Assert.Contains(typeof(Conv), written);
        Assert.Contains(typeof(MatMul), written);
    }

    [Fact]
    public void A_reference_that_is_wrong_is_told_from_a_backend_that_is()
    {
        (Graph graph, Tensor[] inputs) = Network();
        using ComparedBackend right = new("cpu", new CpuBackend(1)), wrong = new("wrong", new WrongBackend(s => s.Operator is Pool));
        Culprit culprit = new BackendComparison(graph, inputs, [wrong, right]).Run(null, TestContext.Current.CancellationToken).Culprit!;
        Assert.Equal(("cpu", false, true), (culprit.Backend, culprit.ReferenceIsRight, culprit.BackendIsRight));
    }

    [Fact]
    public void What_differs_only_as_a_whole_is_found()
    {
        // The backend is wrong where its plan has more steps than one.
        (Graph graph, Tensor[] inputs) = Network();
        using ComparedBackend right = new("cpu", new CpuBackend(1)), wrong = new("wrong", new WrongWhole());
        BackendVerdict verdict = new BackendComparison(graph, inputs, [right, wrong]).Run(null, TestContext.Current.CancellationToken);
        Assert.Null(verdict.Culprit);
        Assert.False(verdict.Passed);
        Assert.Equal("bytes", verdict.Whole[1].Wrong);
        Assert.Equal(["bytes"], BackendComparison.ExactOutputs(graph).Select(o => o.Name));
    }

    [Fact]
    public void The_command_compares_and_runs_cases()
    {
        Result good = Edgert.Run("verify", Repository.File("models", "digits.edge"), "--backends", "cpu,cpu:scalar", "--json");
        Assert.True(good.ExitCode == 0, good.Errors);
        JsonElement report = JsonDocument.Parse(good.Output).RootElement;
        Assert.True(report.GetProperty("passed").GetBoolean());
        Assert.Equal(["cpu", "cpu:scalar"], report.GetProperty("backends").EnumerateArray().Select(b => b.GetProperty("name").GetString()));

        // A case whose saved output is not what anything gives.
        using var folder = new TemporaryFolder();
        (Graph graph, Tensor[] inputs) = Network();
        Node pool = graph.Nodes.Single(n => n.Name == "pool");
        Tensor output = new(pool.Outputs[0].Type);
        string path = BackendCase.Save(folder.Path, new Culprit(pool, "wrong", [("x", inputs[0])], [output], true, false));
        Result bad = Edgert.Run("verify", path, "--backends", "cpu,cpu:scalar");
        Assert.True(bad.ExitCode == 1, bad.Errors);
        Assert.Contains("DIFFER", bad.Output, StringComparison.Ordinal);
        Assert.Equal(2, Edgert.Run("verify", path, "--backends", "cpu,abacus").ExitCode);
    }

    /// <summary>A pool of bytes and the softmax of their reals.</summary>
    private static (Graph, Tensor[]) Network()
    {
        var random = new Random(5);
        var x = new Tensor(new TensorType(DataType.U8, new Shape(1, 6, 6, 5), new Quantization(0.1f, 100)));
        random.NextBytes(x.View.Bytes);
        var builder = new GraphBuilder("network");
        Value pooled = builder.Add1("pool", new Pool { Window = Window.Of(2, 2) with { Strides = [2, 2] } }, builder.Input("x", x.Type));
        Value reals = builder.Add1("reals", new Dequantize(), pooled, builder.Constant("scale", Tensor.Scalar(0.1f)), builder.Constant("zero", Tensor.Scalar((byte)100)));
        builder.Output("bytes", pooled);
        builder.Output("shares", builder.Add1("softmax", new Softmax(), reals));
        return (builder.Build(), [x]);
    }

    private sealed class WrongWhole : IBackend
    {
        private readonly CpuBackend cpu = new(1);

        private readonly WrongBackend wrong = new(_ => true);

        public BackendTraits Traits { get; } = new("wrong", "a backend of the tests", []);

        public string? Reject(ExecutionPlan plan, PlanStep step) => null;

        public ICompiledPlan Compile(ExecutionPlan plan) => plan.Steps.Count > 1 && plan.Outputs.Count == 2 ? wrong.Compile(plan) : cpu.Compile(plan);

        public void Dispose()
        {
            cpu.Dispose();
            wrong.Dispose();
        }
    }
}
