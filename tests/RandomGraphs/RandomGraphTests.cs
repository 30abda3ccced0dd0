using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using Xunit;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Random graphs of quantized operators on the CPU, by every kind of instruction that it has: the bytes of the definitions.</summary>
public class RandomGraphTests(ITestOutputHelper output)
{
    /// <summary>How many tests there are.</summary>
    public const int Count = 3;

    private const int UsualGraphs = 300;

    [Fact]
    public void Every_path_of_the_cpu_gives_the_bytes_of_the_definitions()
    {
        (string Name, CpuBackend Backend)[] backends =
        [
            .. from path in ProductPaths.Supported select ($"{path}", new CpuBackend(1) { Products = path, Lanes = ProductPaths.Lanes(path) }),
            ("three threads", new CpuBackend(3) { SharesSmallSteps = true }),
            .. from path in CpuPath.All select ($"{path.Name}, two threads", new CpuBackend(2) { Products = path.Products, Lanes = path.Lanes, SharesSmallSteps = true }),
        ];
        try
        {
            (int first, int end) = GraphHunt.Seeds(UsualGraphs);
            string[] failures = GraphHunt.Run((first, end), [.. backends.Select(b => RunningWay.Of(b.Name, b.Backend))], out long steps);
            output.WriteLine($"{end - first} graphs, {steps} steps in {backends.Length} ways");
            Assert.True(failures.Length == 0, string.Join("\n\n", failures));
        }
        finally
        {
            foreach ((_, CpuBackend backend) in backends) backend.Dispose();
        }
    }

    [Fact]
    public void Graphs_are_the_same_for_the_same_seed_and_have_every_operator()
    {
        var operators = new Dictionary<Type, int>();
        int steps = 0, refused = 0;
        for (int seed = 0; seed < 200; seed++)
        {
            var graph = new RandomGraph(seed);
            Assert.Equal(GraphText.Dump(graph.Graph), GraphText.Dump(new RandomGraph(seed).Graph));
            steps += graph.Graph.Nodes.Count;
            refused += graph.Refused;
            foreach (Node node in graph.Graph.Nodes) operators[node.Operator.GetType()] = operators.GetValueOrDefault(node.Operator.GetType()) + 1;
        }
        output.WriteLine($"{steps} steps, {refused} refused; {string.Join(", ", operators.OrderByDescending(o => o.Value).Select(o => $"{o.Key.Name} {o.Value}"))}");
        foreach (Type type in (Type[])[typeof(Conv), typeof(MatMul), typeof(Binary), typeof(Unary), typeof(Pool), typeof(Resize), typeof(Reduce), typeof(Concat), typeof(Slice), typeof(Split),
            typeof(Transpose), typeof(Pad), typeof(Gather), typeof(Tile), typeof(DepthSpace), typeof(ArgMax), typeof(Quantize), typeof(Dequantize), typeof(Interpret)])
            Assert.True(operators.GetValueOrDefault(type) > 3, $"{type.Name} is in {operators.GetValueOrDefault(type)} of the graphs");
    }

    [Fact]
    public void What_differs_is_made_small()
    {
        using var backend = new CpuBackend(1);
        string[] failures = GraphHunt.Run((0, 60), [new RunningWay("wrong", (_, _) => null, plan => backend.Compile(Wrong(plan)))], out _);
        Assert.NotEmpty(failures);
        foreach (string failure in failures)
        {
            output.WriteLine(failure);
            Assert.Contains("Binary(function: Mul", failure, StringComparison.Ordinal);
            Assert.Single(failure.Split('\n'), line => line.Contains(" = ", StringComparison.Ordinal));
            Assert.Contains("[1", failure, StringComparison.Ordinal);
            Assert.InRange(failure.Length, 1, 1000);
        }

        // Products are differences.
        static ExecutionPlan Wrong(ExecutionPlan plan) => new(plan.Name, [.. plan.Slots],
            [.. plan.Steps.Select(s => s.Operator is Binary { Function: BinaryFunction.Mul } mul ? s with { Operator = new Binary { Function = BinaryFunction.Sub, Activation = mul.Activation, Result = mul.Result } } : s)],
            [.. plan.Inputs], [.. plan.Outputs], plan.ArenaBytes);
    }
}
