using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>
/// A plan whose sections run on several backends, one after the other. Inputs and outputs, and what crosses from one section to another, lie in memory of
/// its own: when a device fails, the frame is run again from its inputs on the backends that are left, and views that users hold stay valid. No section writes to an input of the plan.
/// </summary>
internal sealed class SectionedPlan : ISteppedPlan
{
    /// <summary>The version of a plan for which nothing was prepared yet but the host's backend.</summary>
    private const int Unprepared = -1;

    private readonly BackendChain chain;
    private readonly PlanAssignment? assignment;
    private readonly bool startsAtOnce;
    private readonly Dictionary<int, TensorView> ports = [];
    private readonly string[] kernels, backends;
    private readonly long[] nanoseconds;
    private BoundSection[] sections = [];
    private DividedPlan? coming;
    private BackgroundWork<DividedPlan>? preparing;

    /// <summary>Section at which a run that is under way goes on.</summary>
    private int next;

    /// <summary>When the attempt began that is under way.</summary>
    private long since;
    private int version, untested;
    private bool isUnderWay, disposed;

    /// <summary>What was done since devices are being prepared for; null where frames wait for them.</summary>
    private Meanwhile? meanwhile;

    /// <summary>Divides and compiles a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="chain">The backends.</param>
    /// <param name="profile">True to measure each step.</param>
    /// <param name="assignment">Where steps were found to run best; null for the first backend that takes them.</param>
    /// <param name="startsAtOnce">True to run on the host until the other backends are prepared, which begins with the first frame.</param>
    /// <exception cref="EdgeException">The last backend cannot run it.</exception>
    public SectionedPlan(ExecutionPlan plan, BackendChain chain, bool profile, PlanAssignment? assignment = null, bool startsAtOnce = false)
    {
        Plan = plan;
        this.chain = chain;
        this.assignment = assignment;
        this.startsAtOnce = startsAtOnce;
        kernels = new string[plan.Steps.Count];
        backends = new string[plan.Steps.Count];
        nanoseconds = new long[profile ? plan.Steps.Count : 0];
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs))
        {
            PlanSlot storage = plan.Slots[plan.Slots[port.Slot].Storage];
            if (storage.Kind != SlotKind.Constant) ports.TryAdd(storage.Storage, new Tensor(storage.Type).View);
        }
        Partition = new PlanPartition(plan, [], []);
        Begin();
        chain.Log.Close();
        // A session keeps plans for several shapes, and each of them may be on a device that fails in another.
        chain.Leaving += Leave;
    }

    /// <inheritdoc/>
    public ExecutionPlan Plan { get; }

    /// <summary>How the plan is divided now.</summary>
    public PlanPartition Partition { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<string> Kernels => kernels;

    /// <summary>The backend that runs each step.</summary>
    public IReadOnlyList<string> Backends => backends;

    /// <inheritdoc/>
    public ReadOnlySpan<long> StepNanoseconds => nanoseconds;

    /// <summary>True while a backend that is there is still to be prepared, or is being prepared.</summary>
    public bool IsPending => preparing is not null || version != chain.Version;

    /// <summary>True when the next frame goes over to what was prepared.</summary>
    public bool IsPrepared => preparing is { IsDone: true };

    /// <inheritdoc/>
    public TensorView Input(int index) => Port(Plan.Inputs[index]);

    /// <inheritdoc/>
    public TensorView Output(int index) => Port(Plan.Outputs[index]);

    /// <inheritdoc/>
    public void Run()
    {
        Abandon();
        Continue(null);
    }

    /// <inheritdoc/>
    public bool Advance(in TimeBudget budget) => Continue(budget);

    /// <inheritdoc/>
    public void Abandon()
    {
        if (next < sections.Length) sections[next].Abandon();
        (next, isUnderWay) = (0, false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        chain.Leaving -= Leave;
        Discard();
        Release();
    }

    /// <summary>Runs the sections that are left: all of them where no budget is given.</summary>
    private bool Continue(TimeBudget? budget)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!isUnderWay) BeginFrame();
        // None where a device failed in another plan, or the next backend could not be prepared either.
        if (sections.Length == 0 && Plan.Steps.Count > 0) Begin();
        bool isTestDue = chain.SelfTestEvery > 0 && untested >= chain.SelfTestEvery;
        while (next < sections.Length)
        {
            BoundSection at = sections[next];
            try
            {
                if (budget is not { } bound) at.Run();
                else if (!at.Advance(bound)) return false;
                next++;
                if (next == sections.Length && isTestDue) Retest(ref at);
            }
            catch (EdgeException fault) when (chain.CanGoOnWithout(at.Section.Backend, fault))
            {
                Release();
                GoOn(at.Section, fault, since);
                Begin();
                since = chain.Now;
            }
        }
        (next, isUnderWay) = (0, false);
        if (meanwhile is { } done) meanwhile = done with { Frames = done.Frames + 1 };
        chain.Log.Close();
        if (nanoseconds.Length > 0)
            foreach (BoundSection section in sections) section.Report(nanoseconds);
        return true;
    }

    private void BeginFrame()
    {
        if (chain.IsAwaiting || version != chain.Version) Renew();
        since = chain.Now;
        untested++;
        isUnderWay = true;
    }

    /// <summary>Between frames: prepares for backends that came back, beside the frames, and goes over to them when that is done.</summary>
    private void Renew()
    {
        chain.Tend();
        if (version == chain.Version) return;
        if (preparing is null)
        {
            // It came and went before anything was prepared for it.
            if (chain.Usable.Count == 1) version = chain.Version;
            else Prepare();
        }
        if (preparing is not { IsDone: true }) return;

        long since = chain.Now;
        (BackgroundWork<DividedPlan> work, DividedPlan divided, preparing, coming) = (preparing, coming!, null, null);
        using DividedPlan prepared = divided;
        work.Take(out EdgeException? fault);
        if (fault is null) Install(divided, since);
        else if (divided.At is { } at) GoOn(at, fault, null);
        else throw fault;
    }

    private void Prepare()
    {
        if (version == Unprepared) meanwhile ??= new Meanwhile(chain.Now, 0);
        var divided = new DividedPlan(Plan, chain.Usable, chain.Version, assignment);
        IBackend[] news = [.. chain.Usable.Where(chain.IsNews)];
        coming = divided;
        preparing = new BackgroundWork<DividedPlan>($"EdgeRuntime: preparing {Plan.Name}", () => divided.Compile(news.Contains, warmUp: true), chain.Background);
    }

    /// <summary>Compiles for all backends, or first for the host alone; then <see cref="Renew"/> prepares for the others beside the frames.</summary>
    private void Begin()
    {
        if (!startsAtOnce)
        {
            Build();
            return;
        }
        using var divided = new DividedPlan(Plan, [chain.Host], Unprepared);
        Install(divided.Compile(), chain.Now);
    }

    private void Retest(ref BoundSection at)
    {
        foreach (BoundSection section in sections)
        {
            at = section;
            section.Retest();
        }
        untested = 0;
    }

    private TensorView Port(PlanPort port)
    {
        PlanSlot slot = Plan.Slots[port.Slot];
        return (slot.Constant?.View ?? ports[slot.Storage]).As(slot.Type);
    }

    /// <summary>Compiles all sections at once; backends that cannot are given fewer steps, or none.</summary>
    private void Build()
    {
        while (true)
        {
            long since = chain.Now;
            using var divided = new DividedPlan(Plan, chain.Usable, chain.Version, assignment);
            try
            {
                Install(divided.Compile(chain.IsNews), since);
                return;
            }
            catch (EdgeException fault) when (divided.At is { } at && chain.CanGoOnWithout(at.Backend, fault))
            {
                divided.Dispose();
                GoOn(at, fault, since);
            }
        }
    }

    /// <summary>Goes over to sections whose devices are prepared.</summary>
    private void Install(DividedPlan divided, long since)
    {
        var crossing = new Dictionary<int, TensorView>(ports);
        var built = new List<BoundSection>();
        try
        {
            for (int i = 0; i < divided.Partition.Sections.Count; i++) built.Add(new BoundSection(divided.Partition.Sections[i], divided.Take(i), slot => Memory(crossing, slot)));
        }
        catch
        {
            foreach (BoundSection section in built) section.Dispose();
            throw;
        }
        Release();
        (Partition, sections, version) = (divided.Partition, [.. built], divided.Version);
        Describe();
        foreach (BoundSection section in sections) chain.Announce(section.Section, since, meanwhile);
        if (version != Unprepared) meanwhile = null;
    }

    /// <summary>Decides whether a backend that failed is of any further use.</summary>
    private void GoOn(PlanSection section, EdgeException fault, long? since)
    {
        var site = new FaultSite(section.Backend, section.Plan.Name, since);
        // A refused kernel concerns the steps that need it; a backend that then takes as many steps as before would fail for ever, and one that takes none is of no use.
        bool goesOn = fault.Code == ErrorCode.PipelineRefused && section.Plan.Steps.Any(s => section.Backend.Reject(section.Plan, s) is not null)
            && Plan.Steps.Any(s => section.Backend.Reject(Plan, s) is null);
        if (goesOn) chain.Quarantine(site, fault);
        else chain.GiveUp(site, fault);
    }

    private void Leave(IBackend backend)
    {
        if (coming?.Uses(backend) == true) Discard();
        if (Array.Exists(sections, s => s.Section.Backend == backend)) Release();
    }

    /// <summary>Ends what is being prepared.</summary>
    private void Discard()
    {
        coming?.Stop();
        preparing?.Wait();
        coming?.Dispose();
        (preparing, coming) = (null, null);
    }

    private TensorView Memory(Dictionary<int, TensorView> crossing, int slot)
    {
        if (!crossing.TryGetValue(slot, out TensorView view)) crossing[slot] = view = new Tensor(Plan.Slots[slot].Type).View;
        return view;
    }

    private void Describe()
    {
        foreach (BoundSection bound in sections)
        {
            for (int i = 0; i < bound.Section.Steps.Count; i++)
            {
                kernels[bound.Section.Steps[i]] = bound.Kernels[i];
                backends[bound.Section.Steps[i]] = bound.Section.Backend.Traits.Name;
            }
        }
    }

    private void Release()
    {
        foreach (BoundSection section in sections) section.Dispose();
        (sections, next) = ([], 0);
    }
}
