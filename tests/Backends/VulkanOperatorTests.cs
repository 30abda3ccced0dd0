using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every case of an operator on Vulkan devices, against the operator's definition; what the device rejects is in <see cref="VulkanGaps"/>.</summary>
public class VulkanOperatorTests
{
    public static TheoryData<string, string> Cases => [.. from driver in VulkanDrivers.Names from name in OperatorCases.All.Keys select (driver, name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_definition(string driver, string name)
    {
        VulkanBackend backend = VulkanDrivers.Open(driver);
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        ExecutionPlan plan = Planner.Plan(graph);
        string? gap = VulkanGaps.Reason(@case);
        if (backend.Reject(plan, plan.Steps[0]) is { } rejection)
        {
            Assert.True(gap is not null, $"{name} is rejected: {rejection}. Lower it, or list it in VulkanGaps.");
            Assert.Skip($"{gap}: {rejection}");
        }
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[0], backend.GpuTraits, out _);
        // Every way to execute the step, not only the one that would be chosen.
        for (int candidate = 0; candidate < lowering.Candidates.Count; candidate++)
        {
            int chosen = candidate;
            using VulkanPlan compiled = backend.Compile(GpuProgram.Build(plan, backend.GpuTraits, (_, ways) => ways.Candidates[chosen]));
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            // Twice: the second run finds what the first left in memory.
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), @case.Operator.Tolerance, $"{name}, {compiled.Kernels[0]}, {driver}, output {i}");
        }
        Assert.Empty(backend.Messages);
    }

    [Fact]
    public void Gaps_are_rejected()
    {
        GpuTraits traits = VulkanDrivers.Open(VulkanDrivers.Lavapipe).GpuTraits;
        var needed = new HashSet<string>();
        foreach (OperatorCase @case in OperatorCases.All.Values)
        {
            ExecutionPlan plan = Planner.Plan(@case.Graph());
            if (VulkanGaps.Key(@case) is { } key && GpuProgram.Lower(plan, plan.Steps[0], traits, out _).Rejection is not null) needed.Add(key);
        }
        string[] unneeded = [.. VulkanGaps.All.Keys.Except(needed)];
        Assert.True(unneeded.Length == 0, $"Nothing of these is rejected any more, so they must leave VulkanGaps: {string.Join(", ", unneeded)}");
    }
}
