using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>
/// A plan whose sections run on several backends, one after the other. Inputs and outputs, and what crosses from one section to another, lie in memory of
/// its own: when a device fails, the frame is run again from its inputs on the backends that are left, and views that users hold stay valid.
/// </summary>
internal sealed class SectionedPlan : ISteppedPlan
{
    private readonly BackendChain chain;
    private readonly Dictionary<int, TensorView> ports = [];
    private readonly string[] kernels, backends;
    private readonly long[] nanoseconds;
    private BoundSection[] sections = [];

    /// <summary>Section at which a run that is under way goes on.</summary>
    private int next;
    private bool disposed;

    /// <summary>Divides and compiles a plan.</summary>
    /// <exception cref="EdgeException">The last backend cannot run it.</exception>
    public SectionedPlan(ExecutionPlan plan, BackendChain chain, bool profile)
    {
        Plan = plan;
        this.chain = chain;
        kernels = new string[plan.Steps.Count];
        backends = new string[plan.Steps.Count];
        nanoseconds = new long[profile ? plan.Steps.Count : 0];
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs))
        {
            PlanSlot storage = plan.Slots[plan.Slots[port.Slot].Storage];
            if (storage.Kind != SlotKind.Constant) ports.TryAdd(storage.Storage, new Tensor(storage.Type).View);
        }
        Partition = new PlanPartition(plan, [], []);
        Build();
        // A session keeps plans for several shapes, and each of them may be on a device that fails in another.
        chain.Leaving += Release;
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
        next = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        chain.Leaving -= Release;
        Release();
    }

    /// <summary>Runs the sections that are left: all of them where no budget is given.</summary>
    private bool Continue(TimeBudget? budget)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        // None where a device failed and the next backend could not be prepared either.
        if (sections.Length == 0 && Plan.Steps.Count > 0) Build();
        while (next < sections.Length)
        {
            PlanSection section = sections[next].Section;
            try
            {
                if (budget is not { } bound) sections[next].Run();
                else if (!sections[next].Advance(bound)) return false;
                next++;
            }
            catch (EdgeException fault) when (chain.CanGoOnWithout(section.Backend, fault))
            {
                Release();
                GoOn(section, fault);
                Build();
            }
        }
        next = 0;
        if (nanoseconds.Length > 0)
            foreach (BoundSection section in sections) section.Report(nanoseconds);
        return true;
    }

    private TensorView Port(PlanPort port)
    {
        PlanSlot slot = Plan.Slots[port.Slot];
        return (slot.Constant?.View ?? ports[slot.Storage]).As(slot.Type);
    }

    /// <summary>Compiles all sections; backends that cannot are given fewer steps, or none.</summary>
    private void Build()
    {
        while (true)
        {
            PlanPartition partition = Partitioner.Divide(Plan, chain.Usable);
            var crossing = new Dictionary<int, TensorView>(ports);
            var built = new List<BoundSection>();
            PlanSection? current = null;
            try
            {
                foreach (PlanSection section in partition.Sections)
                {
                    current = section;
                    built.Add(new BoundSection(section, slot => Memory(crossing, slot)));
                }
                (Partition, sections) = (partition, [.. built]);
                Describe();
                return;
            }
            catch (EdgeException fault) when (chain.CanGoOnWithout(current!.Backend, fault))
            {
                foreach (BoundSection section in built) section.Dispose();
                GoOn(current, fault);
            }
            catch
            {
                foreach (BoundSection section in built) section.Dispose();
                throw;
            }
        }
    }

    /// <summary>Decides whether a backend that failed is of any further use.</summary>
    private void GoOn(PlanSection section, EdgeException fault)
    {
        // A refused kernel concerns the steps that need it; a backend that then takes as many steps as before would fail for ever.
        bool others = fault.Code == ErrorCode.PipelineRefused && section.Plan.Steps.Any(s => section.Backend.Reject(section.Plan, s) is not null);
        if (others) chain.Quarantine(section.Backend, section.Plan.Name, fault);
        else chain.GiveUp(section.Backend, section.Plan.Name, fault);
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
