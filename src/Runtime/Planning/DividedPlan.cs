using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>A plan divided among backends, with the sections of all but the host's backend compiled; those are compiled where frames run, which the host's memory and threads belong to.</summary>
/// <param name="plan">The whole plan.</param>
/// <param name="backends">The backends, the preferred first, the host's last.</param>
/// <param name="version">The chain's version that they are of.</param>
/// <param name="assignment">Where steps were found to run best; null for the first backend that takes them.</param>
internal sealed class DividedPlan(ExecutionPlan plan, IReadOnlyList<IBackend> backends, int version, PlanAssignment? assignment = null) : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private ICompiledPlan?[] compiled = [];

    /// <summary>How it is divided.</summary>
    public PlanPartition Partition { get; private set; } = new(plan, [], []);

    /// <summary>The section that is being compiled, or failed to be.</summary>
    public PlanSection? At { get; private set; }

    /// <summary>The version of the chain that it was divided for.</summary>
    public int Version => version;

    /// <summary>Whether a backend is used.</summary>
    public bool Uses(IBackend backend) => backends.Contains(backend);

    /// <summary>Divides and compiles; after an error, or when it was stopped, nothing is left.</summary>
    /// <param name="retest">Says of which backends the kernels are to be tested again.</param>
    /// <param name="warmUp">True beside frames: what drivers would do when the plan runs first is done, too.</param>
    /// <exception cref="EdgeException">A backend fails at <see cref="At"/>, or refuses it.</exception>
    public DividedPlan Compile(Func<IBackend, bool>? retest = null, bool warmUp = false)
    {
        Partition = Partitioner.Divide(plan, backends, assignment);
        compiled = new ICompiledPlan?[Partition.Sections.Count];
        try
        {
            for (int i = 0; i < compiled.Length && !stop.IsCancellationRequested; i++)
            {
                At = Partition.Sections[i];
                if (At.Backend is IHostBackend) continue;
                compiled[i] = At.Backend.Compile(At.Plan, stop.Token);
                if (retest?.Invoke(At.Backend) == true) At.Backend.Retest(compiled[i]!);
                if (warmUp) At.Backend.WarmUp(compiled[i]!, stop.Token);
            }
            return this;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Release();
            return this;
        }
        catch
        {
            Release();
            throw;
        }
    }

    /// <summary>Ends <see cref="Compile"/> as soon as that can be: nobody wants the result any more.</summary>
    public void Stop() => stop.Cancel();

    /// <summary>Hands out what was compiled of a section, which belongs to the caller then; null of the host's.</summary>
    public ICompiledPlan? Take(int section)
    {
        ICompiledPlan? taken = compiled[section];
        compiled[section] = null;
        return taken;
    }

    /// <summary>Disposes what was not taken.</summary>
    public void Dispose()
    {
        Release();
        stop.Dispose();
    }

    private void Release()
    {
        foreach (ICompiledPlan? left in compiled) left?.Dispose();
        compiled = [];
    }
}
