using System.Globalization;
using System.Text;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tests.RandomGraphs;

/// <summary>Runs random graphs in several ways and compares all bytes with the definitions; what differs is made small first. EDGERUNTIME_GRAPHS says how many graphs, or which (100-200).</summary>
internal static class GraphHunt
{
    private const string Variable = "EDGERUNTIME_GRAPHS";

    private const int MostFailures = 5, LongestText = 4000;

    /// <summary>The seeds to try.</summary>
    /// <param name="usual">How many, where nobody asks for more.</param>
    public static (int First, int End) Seeds(int usual)
    {
        string[] asked = (Environment.GetEnvironmentVariable(Variable) ?? "").Split('-');
        int[] numbers = [.. asked.Select(a => int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)];
        return numbers is [>= 0 and int count] ? (0, count) : numbers is [>= 0 and int first, >= 0 and int end] ? (first, end) : (0, usual);
    }

    /// <summary>Tries the graphs of some seeds; the failures, each with its smallest graph.</summary>
    /// <param name="seeds">The seeds.</param>
    /// <param name="ways">Ways to run a plan: a name, what refuses a step, and what compiles a plan of steps that are not refused.</param>
    /// <param name="steps">How many steps were run in each way.</param>
    public static string[] Run((int First, int End) seeds, IReadOnlyList<RunningWay> ways, out long steps)
    {
        var failures = new List<string>();
        steps = 0;
        for (int seed = seeds.First; seed < seeds.End && failures.Count < MostFailures; seed++)
        {
            var random = new RandomGraph(seed);
            foreach (RunningWay way in ways)
            {
                if (way.Accepted(random.Graph, random.Feed) is not ({ } graph, { } feed)) continue;
                steps += graph.Nodes.Count;
                if (way.Difference(graph, feed) is not { } problem) continue;
                GraphShrinker.Failure smallest = new GraphShrinker(way.Difference).Shrink(new GraphShrinker.Failure(graph, feed, problem));
                failures.Add($"seed {seed}, {way.Name}: {smallest.Problem}\n{Describe(smallest)}");
                break;
            }
            foreach (Tensor tensor in random.Feed) tensor.Dispose();
        }
        return [.. failures];
    }

    private static string Describe(GraphShrinker.Failure failure)
    {
        var text = new StringBuilder(GraphText.Dump(failure.Graph));
        foreach (Value constant in failure.Graph.Constants) text.Append($"{constant.Name} {constant.Type}: {Convert.ToHexString(constant.Constant!.View.Bytes)}\n");
        for (int i = 0; i < failure.Feed.Length; i++) text.Append($"{failure.Graph.Inputs[i].Name}: {Convert.ToHexString(failure.Feed[i].View.Bytes)}\n");
        return text.Length <= LongestText ? text.ToString() : text.ToString(0, LongestText) + " …";
    }
}

/// <summary>A way to run graphs.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Reject">Why it does not take a step; null where it does.</param>
/// <param name="Compile">Compiles a plan all of whose steps it takes.</param>
internal sealed record RunningWay(string Name, Func<ExecutionPlan, PlanStep, string?> Reject, Func<ExecutionPlan, ICompiledPlan> Compile)
{
    /// <summary>A backend as it is.</summary>
    public static RunningWay Of(string name, IBackend backend) => new(name, backend.Reject, backend.Compile);

    /// <summary>The part of a graph that the way takes, fed with what the rest computes by definition.</summary>
    public (Graph Graph, Tensor[] Feed)? Accepted(Graph graph, Tensor[] feed)
    {
        ExecutionPlan plan = Planner.Plan(graph);
        HashSet<string> refused = [.. plan.Steps.Where(s => Reject(plan, s) is not null).Select(s => s.Name)];
        return refused.Count == 0 ? (graph, feed) : GraphShrinker.Part(graph, feed, graph.Nodes.Where(n => !refused.Contains(n.Name)).ToHashSet());
    }

    /// <summary>Where a graph's outputs differ from the definitions'; null where they are the same bytes. It runs with other inputs in between: the last run finds what the others left in memory.</summary>
    public string? Difference(Graph graph, Tensor[] feed)
    {
        Tensor[] other = RandomGraph.OtherFeed(graph, 1);
        Tensor[] expected = GraphInterpreter.Run(graph, Array.ConvertAll(feed, t => t.View)), expectedOfOther = GraphInterpreter.Run(graph, Array.ConvertAll(other, t => t.View));
        ExecutionPlan plan = Planner.Plan(graph);
        if (plan.Steps.Any(s => Reject(plan, s) is not null)) return null;
        using ICompiledPlan compiled = Compile(plan);
        if (Run(compiled, graph, feed, expected) is { } first) return first;
        if (Run(compiled, graph, other, expectedOfOther) is { } second) return $"{second} (with other inputs)";
        return Run(compiled, graph, feed, expected) is { } last ? $"{last} (the second time)" : null;
    }

    private static string? Run(ICompiledPlan compiled, Graph graph, Tensor[] feed, Tensor[] expected)
    {
        for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
        compiled.Run();
        for (int i = 0; i < expected.Length; i++)
        {
            Span<byte> bytes = expected[i].View.Bytes, actual = compiled.Output(i).Bytes;
            int at = bytes.CommonPrefixLength(actual);
            if (at == bytes.Length || (expected[i].Type.DataType == DataType.F32 && SameReals(expected[i].Span<float>(), compiled.Output(i).Span<float>()))) continue;
            return $"output {graph.Outputs[i].Name} differs at byte {at}: {actual[at]} instead of {bytes[at]}, kernels {string.Join(", ", compiled.Kernels)}";
        }
        return null;
    }

    /// <summary>Zeros of both signs are the same, and NaN is NaN.</summary>
    private static bool SameReals(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        for (int i = 0; i < a.Length; i++)
            if (!a[i].Equals(b[i])) return false;
        return true;
    }
}
