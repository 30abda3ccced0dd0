using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Unit;

/// <summary>What convolutions are lowered to, without a device.</summary>
public class ConvLoweringTests
{
    private static readonly GpuTraits Chip = new() { Api = "vulkan", Device = "a chip", SubgroupSize = 32 };

    private static readonly GpuTraits Cpu = Chip with { Device = "a CPU", SubgroupSize = 8 };

    [Fact]
    public void All_cases_are_lowered_to_a_few_ways()
    {
        foreach (OperatorCase @case in OperatorCases.All.Values.Where(c => c.Operator is Conv { Result.IsNone: true } or ConvTranspose))
            foreach (GpuTraits traits in (GpuTraits[])[Chip, Cpu, Chip with { MaxGroups = 3 }])
            {
                GpuLowering lowering = Lower(@case.Graph(), traits, out _);
                Assert.True(lowering.Rejection is null, $"{@case}: {lowering.Rejection}");
                Assert.InRange(lowering.Candidates.Count, 1, 4);
                Assert.All(lowering.Candidates.SelectMany(c => c.Dispatches), d => Assert.InRange(d.Groups.X, 1, traits.MaxGroups));
            }
    }

    [Theory]
    [InlineData("conv 1x1 96->96", "conv_pointwise_4x1", "conv_pointwise_8x1")]
    [InlineData("depthwise 5x5 48", "conv_depthwise_4x1", "conv_depthwise_4x1")]
    [InlineData("conv 3x3 32->24", "conv_direct_4x1", "conv_direct_8x1")]
    [InlineData("conv 5x3 s2 picture 7x12x3", "conv_image_4x1", "conv_image_4x1")]
    [InlineData("conv 5x3 s2 picture 7x13x3", "conv_direct_4x1", "conv_direct_8x1")]
    [InlineData("transposed conv 3x3 s2 16", "conv_transposed_4x1", "conv_transposed_4x1")]
    public void The_likely_best_comes_first(string name, string onChip, string onCpu)
    {
        Graph graph = OperatorCases.All[name].Graph();
        Assert.Equal(onChip, Lower(graph, Chip, out _).Candidates[0].Name);
        Assert.Equal(onCpu, Lower(graph, Cpu, out _).Candidates[0].Name);
    }

    [Fact]
    public void Shared_memory_is_for_chips_and_never_more_than_there_is()
    {
        Graph graph = OperatorCases.All["conv 1x1 72->136"].Graph();
        Assert.Contains(Lower(graph, Chip, out _).Candidates, c => c.Name == "conv_tiled_4x1");
        Assert.DoesNotContain(Lower(graph, Chip with { SharedMemoryBytes = 4095 }, out _).Candidates, c => c.Name.StartsWith("conv_tiled", StringComparison.Ordinal));
        Assert.DoesNotContain(Lower(graph, Cpu, out _).Candidates, c => c.Name.StartsWith("conv_tiled", StringComparison.Ordinal));
    }

    [Fact]
    public void Winograd_is_for_many_channels_and_full_precision()
    {
        Graph graph = OperatorCases.All["conv 3x3 64->72 7x9"].Graph();
        GpuCandidate winograd = Assert.Single(Lower(graph, Cpu, out GpuStep step).Candidates, c => c.Name == "conv_winograd_2x2");
        Assert.Equal(["conv_winograd_input", "conv_winograd_product", "conv_winograd_output"], winograd.Dispatches.Select(d => d.Kernel));
        // 2 pictures of 4 x 5 tiles with 16 places.
        Assert.Equal([16 * 40 * 64, 16 * 40 * 72], step.ScratchCounts);
        Assert.DoesNotContain(Lower(graph, Cpu with { Precision = GpuPrecision.Float16Storage }, out _).Candidates, c => c.Name == winograd.Name);
        Assert.DoesNotContain(Lower(OperatorCases.All["conv 3x3 32->24"].Graph(), Cpu, out _).Candidates, c => c.Name == winograd.Name);
    }

    [Fact]
    public void Weights_are_packed_in_quads_of_outputs()
    {
        // Three outputs of a 1x2 window over two channels: [o][x][c] counted from 1.
        float[] packed = Pack([3, 1, 2, 2], new Conv { Window = Window.Of(1, 2) }, [1, 1, 3, 2], groups: 1);
        Assert.Equal(
            [
                1, 5, 9, 0, 2, 6, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                3, 7, 11, 0, 4, 8, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            ],
            packed);
        // Depthwise: the taps of five channels.
        Assert.Equal([1, 3, 5, 7, 2, 4, 6, 8, 9, 0, 0, 0, 10, 0, 0, 0], Pack([5, 1, 2, 1], new Conv { Window = Window.Of(1, 2), Groups = 5 }, [1, 1, 3, 5], groups: 5));
        // Transposed by 2: the first output pixel is made by the first tap, the next one by the second.
        var transposed = new ConvTranspose { Window = Window.Of(1, 2) with { Strides = [1, 2] }, OutputPadding = [0, 0] };
        float[] phases = Pack([1, 1, 2, 1], transposed, [1, 1, 3, 1], groups: 1);
        Assert.Equal((1f, 2f), (phases[0], phases[16]));
    }

    [Fact]
    public void What_has_no_shader_is_rejected_with_the_reason()
    {
        var builder = new GraphBuilder("computed");
        Value x = builder.Input("x", new TensorType(DataType.F32, 1, 4, 4, 3)), w = builder.Input("w", new TensorType(DataType.F32, 2, 1, 1, 3));
        builder.Output("y", builder.Add("conv", new Conv { Window = Window.Of(1, 1) }, x, w)[0]);
        Assert.Equal("the weight is computed", Lower(builder.Build(), Chip, out _).Rejection);

        Assert.Contains("no shader has Sqrt", Lower(Graph([2, 1, 1, 3], new Conv { Window = Window.Of(1, 1), Activation = new(UnaryFunction.Sqrt) }, [1, 4, 4, 3]), Chip, out _).Rejection, StringComparison.Ordinal);

        // Windows come from files: no number may leave 32 bits.
        Window far = Window.Of(1, 2) with { Strides = [65535, 65535], Dilations = [1, 4095], Pads = [65535, 65535, 65535, 65535] };
        Assert.Null(Lower(Graph([2, 1, 2, 3], new Conv { Window = far }, [1, 4, 4, 3]), Chip, out _).Rejection);
    }

    private static Graph Graph(int[] weight, Operator conv, int[] x)
    {
        var builder = new GraphBuilder("one");
        var values = new Tensor(new TensorType(DataType.F32, weight));
        for (int i = 0; i < values.Span<float>().Length; i++) values.Span<float>()[i] = i + 1;
        builder.Output("y", builder.Add("conv", conv, builder.Input("x", new TensorType(DataType.F32, x)), builder.Constant("w", values))[0]);
        return builder.Build();
    }

    private static float[] Pack(int[] weight, Operator conv, int[] x, int groups)
    {
        Assert.Equal(x[^1], weight[^1] * groups);
        GpuLowering lowering = Lower(Graph(weight, conv, x), Chip, out GpuStep step);
        PackedBuffer packed = step.Packed[lowering.Candidates[0].Dispatches[0].Buffers[2].Index];
        float[] elements = new float[packed.Count];
        packed.Floats!(elements);
        return elements;
    }

    private static GpuLowering Lower(Graph graph, GpuTraits traits, out GpuStep step)
    {
        ExecutionPlan plan = Planner.Plan(graph);
        return GpuKernels.Lower(plan, plan.Steps[0], traits, out step);
    }
}
