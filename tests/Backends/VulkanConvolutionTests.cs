using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>What only devices with wide subgroups would choose for a convolution, executed on the devices that are here.</summary>
public class VulkanConvolutionTests
{
    public static TheoryData<string, string> Cases =>
    [
        .. from driver in VulkanDrivers.Names
           from @case in OperatorCases.All.Values
           where @case.Operator is Conv && @case.Name.StartsWith("conv 1x1 ", StringComparison.Ordinal)
           select (driver, @case.Name),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_definition_as_on_a_chip(string driver, string name)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        ExecutionPlan plan = Planner.Plan(graph);
        GpuTraits chip = backend.GpuTraits with { SubgroupSize = 32 };
        string[] here = [.. GpuProgram.Lower(plan, plan.Steps[0], backend.GpuTraits, out _).Candidates.Select(c => c.Name)];
        string[] there = [.. GpuProgram.Lower(plan, plan.Steps[0], chip, out _).Candidates.Select(c => c.Name)];
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        foreach (string candidate in there.Except(here))
        {
            using VulkanPlan compiled = backend.Compile(GpuProgram.Build(plan, chip, (_, ways) => ways.Candidates.Single(way => way.Name == candidate)));
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            compiled.Run();
            compiled.Run();
            Closeness.Check(expected[0].View, compiled.Output(0), @case.Operator.Tolerance, $"{name}, {candidate}, {driver}");
        }
        Assert.Empty(backend.Messages);
    }
}
