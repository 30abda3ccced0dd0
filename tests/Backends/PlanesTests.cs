using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>A convolution that reads a picture of planes as it is given, and the transposition that it does without.</summary>
public class PlanesTests
{
    [Theory]
    [InlineData(3, 16, 3, 2, 1, 1)]
    [InlineData(3, 32, 3, 2, 0, 1)]
    [InlineData(3, 24, 5, 2, 2, 1)]
    [InlineData(1, 5, 3, 1, 1, 1)]
    [InlineData(4, 7, 3, 1, 2, 2)]
    [InlineData(2, 40, 6, 2, 2, 1)]
    [InlineData(3, 9, 3, 3, -1, 1)]
    public void Gives_the_same_without_transposing(int channels, int outputs, int kernel, int stride, int pads, int dilation)
    {
        Window window = Window.Of(kernel, kernel) with { Strides = [stride, stride], Pads = [pads, pads, pads, pads], Dilations = [dilation, dilation] };
        Graph graph = Graph(channels, outputs, window, channels % 2 == 0, isResult: false);
        Assert.Equal(["none", "planes"], Kernels(graph));
    }

    [Fact]
    public void A_transposition_that_others_read_is_made()
    {
        Graph graph = Graph(3, 8, Window.Of(3, 3), false, isResult: true);
        Assert.Equal(["transpose", "planes"], Kernels(graph));
    }

    [Fact]
    public void Many_channels_are_read_one_after_the_other() => Assert.Equal(["transpose", "conv"], Kernels(Graph(5, 8, Window.Of(3, 3), false, isResult: false)));

    private static Graph Graph(int channels, int outputs, Window window, bool residual, bool isResult)
    {
        var random = new Random(channels + outputs);
        var builder = new GraphBuilder("planes");
        Value picture = builder.Input("picture", new TensorType(DataType.F32, 2, channels, 13, 31));
        Value turned = builder.Add("turn", new Transpose { Permutation = [0, 2, 3, 1] }, picture)[0];
        Value weight = builder.Constant("weight", new CaseInput(new TensorType(DataType.F32, [outputs, .. window.Kernel, channels])).Fill(random));
        Value bias = builder.Constant("bias", new CaseInput(new TensorType(DataType.F32, outputs)).Fill(random));
        Value? added = residual ? builder.Input("added", new TensorType(DataType.F32, 2, window.Output(13, 0), window.Output(31, 1), outputs - 1)) : null;
        builder.Output("y", builder.Add("conv", new Conv { Window = window, Activation = new(UnaryFunction.Relu) }, turned, weight, bias, added)[0]);
        if (isResult) builder.Output("turned", turned);
        return builder.Build();
    }

    /// <summary>Compares with the definition and returns what ran.</summary>
    private static string[] Kernels(Graph graph)
    {
        ExecutionPlan plan = Planner.Plan(graph);
        string[] names = [];
        foreach (int threads in (int[])[1, 3])
        {
            using var backend = new CpuBackend(threads);
            using ICompiledPlan compiled = backend.Compile(plan);
            var random = new Random(7);
            Tensor[] feed = [.. plan.Inputs.Select(port => new CaseInput(plan.Slots[port.Slot].Type).Fill(random))];
            Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), Tolerance.Accumulation, $"{string.Join(", ", compiled.Kernels)}, {threads} threads, output {i}");
            names = [.. compiled.Kernels.Select(name => name.Contains("planes", StringComparison.Ordinal) ? "planes" : name.Split('_')[0])];
        }
        return names;
    }
}
