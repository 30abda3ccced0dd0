using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>Every case on the CPU, with one thread and with three, against the operator's definition.</summary>
public class OperatorCaseTests
{
    /// <summary>Variable that tells a child process which vectors it must find; see <see cref="VectorWidthTests"/>.</summary>
    public const string ExpectedVectors = "EDGERUNTIME_EXPECTED_VECTORS";

    public static TheoryData<string> Names => [.. OperatorCases.All.Keys];

    [Fact]
    public void Vectors_are_those_expected()
    {
        using var backend = new CpuBackend(1);
        string expected = Environment.GetEnvironmentVariable(ExpectedVectors) ?? "vectors";
        Assert.Contains(backend.Traits.Details, detail => detail.EndsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Agrees_with_the_definition(string name)
    {
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        ExecutionPlan plan = Planner.Plan(graph);
        foreach (int threads in (int[])[1, 3])
        {
            using var backend = new CpuBackend(threads) { SharesSmallSteps = true };
            using ICompiledPlan compiled = backend.Compile(plan);
            Assert.Equal(@case.Evaluated, compiled.Kernels[0] == "evaluate");
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            // Twice: the second run finds what the first left in scratch memory.
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), @case.Operator.Tolerance, $"{name}, {compiled.Kernels[0]}, {threads} threads, output {i}");
        }
    }
}
