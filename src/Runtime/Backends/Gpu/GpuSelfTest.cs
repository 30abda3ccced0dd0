using EdgeRuntime.Backends.Gpu.SelfTest;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// Tries kernels on small steps whose results are known before they are used for the first time. Drivers have bugs: a kernel that computes
/// something else than its operator's definition is put away, and what it was for goes another way.
/// </summary>
internal sealed class GpuSelfTest(IGpuDevice device, GpuRecords records, GpuQuarantine quarantine, Func<string, bool>? sabotage) : IDisposable
{
    /// <summary>Ways that are compiled together when all are tested.</summary>
    private const int Together = 24;

    private readonly Lazy<SelfTestWay[]> ways = new(() => [.. SelfTestWay.All(device.Traits)]);
    private readonly HashSet<GpuTestKey> untested = [];
    private readonly Dictionary<SelfTestWay, Trial> kept = [];
    private IGpuBench? keptOn;

    /// <summary>Puts away what failed before.</summary>
    public void Recall()
    {
        foreach (GpuTestResult result in records.Tests)
            if (!result.Passed) quarantine.Add(result.Key, Reason(result));
    }

    /// <summary>Tests what a program executes, as far as that was never done; false when something of it must not be used.</summary>
    /// <exception cref="EdgeException">The device fails, or cannot even convert floats.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public bool Passes(GpuProgram program, CancellationToken stop = default)
    {
        GpuTestKey[] open = [.. program.Dispatches.Select(d => GpuTestKey.Of(program, d)).Distinct().Where(k => records.Test(k) is null && !untested.Contains(k))];
        if (open.Length == 0) return true;
        bool passed = true;
        using IGpuBench bench = device.OpenBench(new GpuQuarantine());
        // What the program needs alone comes first: the next start, which tests nothing, finds that compiled.
        Prepare(bench, [program]);
        stop.ThrowIfCancellationRequested();
        // Where compiling takes long, and serves all sizes, kernels are tried on the program's own steps.
        var own = new Dictionary<GpuTestKey, SelfTestWay>();
        if (device.SharesForms)
            foreach (GpuTestKey key in open)
                if (!own.Values.Any(w => w.Keys.Contains(key)) && OwnSteps.Find(program, key, device.Traits) is { } fits) own[key] = fits;
        Prepare(bench, [.. open.Select(WayOf).OfType<SelfTestWay>().Distinct().Select(w => w.Program)]);
        foreach (GpuTestKey key in open)
        {
            stop.ThrowIfCancellationRequested();
            // What one way tests may answer for several.
            GpuTestResult? result = records.Test(key) ?? (WayOf(key) is { } way ? Note(Run(bench, way), key) : null);
            if (result is null) untested.Add(key);
            if (result is not { Passed: false }) continue;
            passed = false;
            if (key.Kernel is "port_load" or "port_store")
                throw new EdgeException(ErrorCode.DeviceTrouble, $"{device.Traits.Device}: {Reason(result)}.", "Compute with 32 bits, or use another device.");
        }
        return passed;

        SelfTestWay? WayOf(GpuTestKey key) => own.Values.FirstOrDefault(w => w.Keys.Contains(key)) ?? Find(key);
    }

    /// <summary>Runs all tests there are, whatever is known.</summary>
    /// <param name="done">Told after each way how many there are of how many.</param>
    public IReadOnlyList<GpuTestResult> RunAll(Action<int, int>? done = null)
    {
        var results = new Dictionary<GpuTestKey, GpuTestResult>();
        int ran = 0;
        foreach (SelfTestWay[] some in ways.Value.Chunk(Together))
        {
            using IGpuBench bench = device.OpenBench(new GpuQuarantine());
            Prepare(bench, [.. some.Select(w => w.Program)]);
            foreach (SelfTestWay way in some)
            {
                foreach (GpuTestResult result in Run(bench, way))
                    if (!results.TryGetValue(result.Key, out GpuTestResult? before) || before.Passed && (!result.Passed || result.MaxError > before.MaxError)) results[result.Key] = result;
                done?.Invoke(++ran, ways.Value.Length);
            }
        }
        foreach (GpuTestResult result in results.Values) Note([result], result.Key);
        return [.. results.Values];
    }

    /// <summary>Tests again what a program executes. What was prepared for that is kept for the next time.</summary>
    /// <exception cref="EdgeException">The device computes something else than it should (<see cref="ErrorCode.WrongResult"/>), or fails.</exception>
    public void Retest(GpuProgram program)
    {
        keptOn ??= device.OpenBench(new GpuQuarantine());
        foreach (SelfTestWay way in program.Dispatches.Select(d => GpuTestKey.Of(program, d)).Distinct().Select(Find).OfType<SelfTestWay>().Distinct())
        {
            if (!kept.TryGetValue(way, out Trial? trial)) kept[way] = trial = new Trial(keptOn, way, device.Traits.Precision);
            // Not noted for the next start: a device may be hot, or its driver upset, and be well again when it was opened anew.
            if (trial.Run(sabotage).Problem is { } problem)
                throw new EdgeException(ErrorCode.WrongResult, $"{device.Traits.Device}: {way.Keys[0]} computes something else than before: {problem}.", "Run on another device, and look for news of the driver.");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Trial trial in kept.Values) trial.Dispose();
        kept.Clear();
        keptOn?.Dispose();
        keptOn = null;
    }

    private static void Prepare(IGpuBench bench, IReadOnlyList<GpuProgram> programs)
    {
        try
        {
            bench.Prepare(programs);
        }
        catch (EdgeException e) when (e.Code == ErrorCode.PipelineRefused)
        {
            // Which of them is meant comes out when each is prepared alone.
        }
    }

    private static string Reason(GpuTestResult result) => $"{result.Key} failed its self-test: {result.Detail}";

    /// <summary>A way that tests what is asked for; where no case has the way itself, one with the same compiled form.</summary>
    private SelfTestWay? Find(GpuTestKey key) =>
        Array.Find(ways.Value, w => w.Keys.Contains(key)) ?? Array.Find(ways.Value, w => w.Keys.Any(k => k.Kernel == key.Kernel && k.Variant == key.Variant));

    /// <summary>Keeps results, and one for what was asked for.</summary>
    private GpuTestResult Note(IReadOnlyList<GpuTestResult> results, GpuTestKey asked)
    {
        GpuTestResult own = results.FirstOrDefault(r => r.Key == asked) ?? results.First(r => r.Key.Kernel == asked.Kernel && r.Key.Variant == asked.Variant) with { Key = asked };
        foreach (GpuTestResult result in results.Append(own).Distinct())
        {
            records.Add(result);
            if (!result.Passed) quarantine.Add(result.Key, Reason(result));
        }
        return own;
    }

    private GpuTestResult[] Run(IGpuBench bench, SelfTestWay way)
    {
        (double error, string? problem) = (0, null);
        try
        {
            using var trial = new Trial(bench, way, device.Traits.Precision);
            (error, problem) = trial.Run(sabotage);
        }
        catch (EdgeException e) when (e.Code == ErrorCode.PipelineRefused)
        {
            problem = e.Problem;
        }
        return [.. way.Keys.Select(key => new GpuTestResult(key, problem is null, error, problem ?? ""))];
    }

    /// <summary>A case prepared on the device, and what it must compute.</summary>
    private sealed class Trial(IGpuBench bench, SelfTestWay way, GpuPrecision precision) : IDisposable
    {
        private readonly ICompiledPlan plan = bench.Compile(way.Program);
        private readonly Tensor[] feed = way.Case.Feed();
        private Tensor[]? expected;

        /// <summary>The largest difference from what it must compute, and what is wrong with it; null for nothing.</summary>
        public (double Error, string? Problem) Run(Func<string, bool>? sabotage)
        {
            (double error, string? problem) = (0, null);
            expected ??= way.Case.Results(feed);
            for (int i = 0; i < feed.Length; i++) feed[i].View.Bytes.CopyTo(plan.Input(i).Bytes);
            plan.Run();
            bool spoilt = sabotage?.Invoke(way.Program.Kernels[0]) == true;
            for (int i = 0; i < expected.Length; i++)
            {
                if (spoilt) plan.Output(i).Bytes[^1] ^= 0x40;
                (double most, string? wrong) = SelfTestCheck.Compare(expected[i].View, plan.Output(i), way.Case.Operator.Tolerance, precision);
                (error, problem) = (Math.Max(error, most), problem ?? (wrong is null ? null : $"{way.Case.Name}: {wrong}"));
            }
            return (error, problem);
        }

        public void Dispose() => plan.Dispose();
    }
}
