using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Backends.OpenCl;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Every case of an operator on OpenCL devices, against the operator's definition; what a device rejects is in <see cref="OpenClGaps"/>.</summary>
public class OpenClOperatorTests
{
    public static TheoryData<string, string> Cases => [.. from driver in OpenClDrivers.Names from name in OperatorCases.All.Keys select (driver, name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Agrees_with_the_definition(string driver, string name)
    {
        OpenClBackend backend = OpenClDrivers.Open(driver);
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        ExecutionPlan plan = Planner.Plan(graph);
        string? gap = OpenClGaps.Reason(@case);
        if (backend.Reject(plan, plan.Steps[0]) is { } rejection)
        {
            Assert.True(gap is not null, $"{name} is rejected: {rejection}. Lower it, or list it in OpenClGaps.");
            Assert.Skip($"{gap}: {rejection}");
        }
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[0], backend.GpuTraits, out _);
        // Every way to execute the step, not only the one that would be chosen.
        for (int candidate = 0; candidate < lowering.Candidates.Count; candidate++)
        {
            int chosen = candidate;
            using OpenClPlan compiled = backend.Compile(GpuProgram.Build(plan, backend.GpuTraits, (_, ways) => ways.Candidates[chosen]));
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            // Twice: the second run finds what the first left in memory.
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), @case.Operator.Tolerance, $"{name}, {compiled.Kernels[0]}, {driver}, output {i}");
        }
    }

    [Fact]
    public void Gaps_are_rejected()
    {
        GpuTraits traits = OpenClDrivers.Open(OpenClDrivers.Pocl).GpuTraits;
        var needed = new HashSet<string>();
        foreach (OperatorCase @case in OperatorCases.All.Values)
        {
            ExecutionPlan plan = Planner.Plan(@case.Graph());
            if (GapNames.Key(OpenClGaps.All, @case) is { } key && GpuProgram.Lower(plan, plan.Steps[0], traits, out _).Rejection is not null) needed.Add(key);
        }
        string[] unneeded = [.. OpenClGaps.All.Keys.Except(needed)];
        Assert.True(unneeded.Length == 0, $"Nothing of these is rejected any more, so they must leave OpenClGaps: {string.Join(", ", unneeded)}");
    }
}
