using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tests.Conformance;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>All the ways in which the CPU can execute a step, not only the one that it takes by itself.</summary>
public class KernelCandidateTests
{
    public static TheoryData<string> Names => [.. OperatorCases.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_way_agrees_with_the_definition(string name)
    {
        OperatorCase @case = OperatorCases.All[name];
        Graph graph = @case.Graph();
        Tensor[] feed = @case.Feed();
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View));
        ExecutionPlan plan = Planner.Plan(graph);
        IReadOnlyList<KernelCandidate> candidates;
        using (var backend = new CpuBackend(2))
        {
            candidates = backend.Candidates(plan, plan.Steps[0]);
            using ICompiledPlan automatic = backend.Compile(plan);
            Assert.Equal(automatic.Kernels[0], candidates[0].Name);
        }
        Assert.Single(candidates, c => c.IsAutomatic);
        Assert.Equal(@case.Evaluated ? 1 : 2, Math.Min(2, candidates.Count));
        foreach (KernelCandidate candidate in candidates)
        {
            Assert.Equal(candidate.Choice, KernelChoice.Parse(candidate.Choice.ToString()));
            using var backend = new CpuBackend(2) { Choose = (_, _) => candidate.Choice, SharesSmallSteps = true };
            using ICompiledPlan compiled = backend.Compile(plan);
            Assert.Equal(candidate.Name, compiled.Kernels[0]);
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
            compiled.Run();
            compiled.Run();
            for (int i = 0; i < expected.Length; i++)
                Closeness.Check(expected[i].View, compiled.Output(i), @case.Operator.Tolerance, $"{name}, {candidate.Name}, {candidate.Choice}, output {i}");
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("0 0")]
    [InlineData("-1 0 Automatic")]
    [InlineData("0 3 Automatic")]
    [InlineData("0 0 Sideways")]
    [InlineData("0 0 3")]
    [InlineData("9999999999 0 Automatic")]
    public void What_is_no_choice_is_none(string text) => Assert.Null(KernelChoice.Parse(text));

    [Fact]
    public void A_choice_that_does_not_fit_is_left_alone()
    {
        OperatorCase @case = OperatorCases.All.Values.First(c => !c.Evaluated);
        ExecutionPlan plan = Planner.Plan(@case.Graph());
        using var automatic = new CpuBackend(1);
        using var asked = new CpuBackend(1) { Choose = (_, _) => new KernelChoice(99, 16) };
        using ICompiledPlan expected = automatic.Compile(plan), compiled = asked.Compile(plan);
        Assert.Equal(expected.Kernels, compiled.Kernels);
    }
}
