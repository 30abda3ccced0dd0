using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>A case of an operator on a device, in <see cref="Ways"/> to execute it, against the operator's definition.</summary>
internal static class DeviceOperator
{
    /// <summary>
    /// How many of the ways to execute a step are tried: all where kernels are compiled quickly. Drivers that take long over each are asked for the likely best way only; their
    /// self-tests and random graphs try the others.
    /// </summary>
    public static int Ways(string driver, GpuLowering lowering) => driver is VulkanDrivers.SwiftShader or OpenClDrivers.Pocl ? Math.Min(1, lowering.Candidates.Count) : lowering.Candidates.Count;

    /// <summary>Checks a case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="driver">Name of the driver, for messages.</param>
    /// <param name="backend">The device.</param>
    /// <param name="gap">Why the device may reject it; null when it must not.</param>
    /// <param name="traits">The device as lowering sees it.</param>
    /// <param name="compile">Prepares a program on the device.</param>
    public static void Check(string name, string driver, IBackend backend, string? gap, GpuTraits traits, Func<GpuProgram, ICompiledPlan> compile)
    {
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        ExecutionPlan plan = Planner.Plan(graph);
        if (backend.Reject(plan, plan.Steps[0]) is { } rejection)
        {
            Assert.True(gap is not null, $"{name} is rejected: {rejection}. Lower it, or list it in the gaps.");
            Assert.Skip($"{gap}: {rejection}");
        }
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        GpuLowering lowering = GpuProgram.Lower(plan, plan.Steps[0], traits, out _);
        // Not only the way that would be chosen.
        for (int candidate = 0; candidate < Ways(driver, lowering); candidate++)
        {
            int chosen = candidate;
            using ICompiledPlan compiled = compile(GpuProgram.Build(plan, traits, (_, ways) => ways.Candidates[chosen]));
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            // Twice: the second run finds what the first left in memory.
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), @case.Operator.Tolerance, $"{name}, {compiled.Kernels[0]}, {driver}, output {i}");
        }
    }
}
