using System.Diagnostics;
using System.Globalization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;
using EdgeRuntime.Tools.Onnx;
using EdgeRuntime.Tools.Onnx.Proto;
using EdgeRuntime.Tools.Verification;
using EdgeRuntime.Tools.Zoo;
using Xunit;

namespace EdgeRuntime.Tests.Conformance;

/// <summary>
/// Real models, changed at random: each becomes a model or a clear error, within bounded time and memory. What becomes a model is planned, and run once where that
/// is cheap. EDGERUNTIME_FUZZ says how many cases, or which (100-200); a failure names its case.
/// </summary>
public class ImporterFuzzTests(ITestOutputHelper output)
{
    private const string Conformance = "/usr/share/libonnx-testdata/data", Variable = "EDGERUNTIME_FUZZ";

    private const int UsualCases = 600, MostFailures = 20;

    /// <summary>What a case may allocate: damaged models are small, so most of it is for weights in several forms.</summary>
    private const long MostMemory = 1L << 30;

    /// <summary>Larger models only have more weights, and each case would take longer.</summary>
    private const long LargestModel = 4_000_000;

    /// <summary>What runs at all is cheap.</summary>
    private const long MostOperations = 20_000_000, MostArena = 32 << 20;

    /// <summary>No case takes a second; this is for machines that do much else. A case that takes longer hangs.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private sealed record Source(string Name, ModelProto Model);

    [Fact]
    public void Changed_models_become_models_or_clear_errors()
    {
        Source[] sources = Sources();
        Assert.SkipUnless(sources.Length > 0, "neither ONNX's test cases (apt-get install libonnx-testdata) nor models are on this machine");
        (int first, int end) = Cases();
        var times = new List<(double Milliseconds, string Case)>();
        var failures = new List<string>();
        int[] counts = new int[4];
        for (int number = first; number < end && failures.Count < MostFailures; number++)
        {
            var clock = Stopwatch.StartNew();
            (Outcome outcome, string? failure, string name) = RunCase(sources, number);
            times.Add((clock.Elapsed.TotalMilliseconds, name));
            counts[(int)outcome]++;
            if (failure is not null) failures.Add(failure);
        }
        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        output.WriteLine($"{end - first:N0} cases of {sources.Length} models: {counts[0]:N0} refused, {counts[1]:N0} models that cannot be planned, {counts[2]:N0} planned, {counts[3]:N0} run.");
        output.WriteLine($"slowest:\n{string.Join("\n", times.OrderByDescending(t => t.Milliseconds).Take(8).Select(t => $"{t.Milliseconds:N0} ms {t.Case}"))}");
        Assert.True(end - first < 100 || counts[0] is > 0 && counts[3] > 0, "the changes are too small or too large to test anything");
    }

    private enum Outcome { Refused, Unplanned, Planned, Run }

    private static (Outcome, string?, string) RunCase(Source[] sources, int number)
    {
        var random = new Random(number);
        Source source = sources[random.Next(sources.Length)], other = sources[random.Next(sources.Length)];
        var mutator = new ModelMutator(number, other.Model);
        byte[] changed = mutator.Mutate(source.Model);
        string name = $"case {number}, {source.Name} ({mutator.Log})";

        Outcome outcome = default;
        Exception? error = null;
        long allocated = 0;
        var thread = new Thread(() =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            error = Record.Exception(() => outcome = Import(changed, number));
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }, maxStackSize: 1 << 20)
        { IsBackground = true, Name = $"case {number}" };
        thread.Start();
        if (!thread.Join(Patience)) return (default, $"{name}: it hangs", name);
        if (error is not null) return (default, $"{name}: {error}", name);
        return (outcome, allocated < MostMemory + 64L * changed.Length ? null : $"{name}: {allocated:N0} bytes were allocated", name);
    }

    private static Outcome Import(byte[] bytes, int seed)
    {
        EdgeModel model;
        try
        {
            model = Converter.Convert(OnnxReader.Read(bytes, "changed")).Model;
        }
        catch (EdgeException e)
        {
            AssertClear(e);
            return Outcome.Refused;
        }
        using (model)
        {
            try
            {
                Graph graph = model.Graph;
                if (!graph.Inputs.All(i => i.Type.Shape.IsStatic)) graph = GraphBinding.Bind(graph, [.. graph.Inputs.Select(i => Small(i.Type.Shape))]);
                if (!graph.IsStatic) return Outcome.Unplanned;
                ExecutionPlan plan = Planner.Plan(graph);
                if (plan.ArenaBytes > MostArena || plan.Steps.Sum(s => s.Cost.Operations) > MostOperations || plan.Steps.Any(s => s.Operator.Bodies.Count > 0)) return Outcome.Planned;
                using var session = new InferenceSession(graph, new SessionOptions { Threads = 1 });
                Tensor[] inputs = new TrialInputs(graph, new TrialCase()).Make([.. graph.Inputs.Select(i => i.Type.Shape)], seed, 0);
                session.Run(Array.ConvertAll(inputs, t => t.View));
                return Outcome.Run;
            }
            catch (EdgeException e)
            {
                AssertClear(e);
                return Outcome.Unplanned;
            }
        }
    }

    /// <summary>An error says something, and is no graph that a pass has broken.</summary>
    private static void AssertClear(EdgeException error)
    {
        Assert.True(error.Problem.Length is > 10 and < 20_000, error.Problem);
        Assert.NotEqual(ErrorCode.InvalidGraph, error.Code);
    }

    private static Shape Small(Shape shape)
    {
        if (shape.IsUnranked) return new Shape(1, 3, 8, 8);
        return new Shape([.. shape.Span.ToArray().Select(size => size < 0 ? 2 : size)]);
    }

    /// <summary>Small models of ONNX's test cases, and real ones that are on this machine: half of the cases each, where there are both.</summary>
    private static Source[] Sources()
    {
        string[] small = Directory.Exists(Conformance) ? [.. OnnxTestCase.Find(Conformance).Select(folder => Path.Combine(folder, "model.onnx"))] : [];
        string[] folders = [.. ((string?[])[Repository.FindData("models"), ModelCache.Default.Folder]).OfType<string>().Where(Directory.Exists)];
        string[] real = [.. folders.SelectMany(f => Directory.EnumerateFiles(f, "*.onnx", SearchOption.AllDirectories)).Where(f => new FileInfo(f).Length < LargestModel)];
        Source[] sources = [.. small.Concat(real).Where(f => new FileInfo(f).Length < LargestModel).Order(StringComparer.Ordinal).Select(f => new Source(f, OnnxReader.Read(f).Proto))];
        // Each real model stands in the list as often as makes the two kinds equal.
        int times = real.Length == 0 ? 0 : small.Length / real.Length;
        return [.. sources, .. sources.Where(s => real.Contains(s.Name)).SelectMany(s => Enumerable.Repeat(s, times))];
    }

    private static (int First, int End) Cases()
    {
        string text = Environment.GetEnvironmentVariable(Variable) ?? "";
        int dash = text.IndexOf('-');
        if (dash > 0) return (Number(text[..dash]), Number(text[(dash + 1)..]) + 1);
        return (0, text.Length > 0 ? Number(text) : UsualCases);

        static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
    }
}
