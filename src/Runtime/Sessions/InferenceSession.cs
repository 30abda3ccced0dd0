using System.Diagnostics.CodeAnalysis;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Sessions;

/// <summary>
/// The front door: a model ready to run. Fill <see cref="Input"/>, call <see cref="Run()"/>, read <see cref="Output"/>; nothing is
/// allocated on the way. Not for use by two threads at once.
/// </summary>
public sealed class InferenceSession : IModelOutputs, IDisposable
{
    private readonly BackendChain chain;
    private readonly BodyPlans bodies;
    private readonly StageMaker maker;
    private readonly PlanPlacer? placer;

    /// <summary>What the last runs used, the last first.</summary>
    private readonly List<PreparedModel> prepared = [];
    private readonly int keptPlans;

    /// <summary>The graph after what can be computed without knowing open shapes, such as widened weights: once, not for each shape.</summary>
    private Graph folded;
    private Tensor[] results = [];
    private BackgroundWork<PreparedModel>? beside;
    private bool isUnderWay, disposed;

    /// <summary>Prepares a graph. When its shapes are known it is planned at once, else at the first run with inputs.</summary>
    /// <param name="graph">The model; it must outlive the session.</param>
    /// <param name="options">How to run, or null for the defaults.</param>
    /// <exception cref="EdgeException">The graph cannot be planned or compiled, or the backend that was named is not to be had.</exception>
    public InferenceSession(Graph graph, SessionOptions? options = null) : this(_ => graph ?? throw new ArgumentNullException(nameof(graph)), options) { }

    /// <summary>Prepares the graph for what there is, given whether that is a device besides the CPU.</summary>
    internal InferenceSession(Func<bool, Graph> graph, SessionOptions? options)
    {
        options ??= new SessionOptions();
        keptPlans = options.KeptPlans;
        chain = Open(options);
        bool isMeasured = options.Accelerators is null ? BackendSelector.IsMeasured(options.Request) : options.Placement == PlacementRule.Measure;
        bool atOnce = options.Start == StartPolicy.AtOnce;
        if (isMeasured && chain.Usable.Count > 1) placer = new PlanPlacer(chain, options.Profile, options.CacheFolder, startsAtOnce: atOnce);
        bodies = new BodyPlans(chain.Host.Compile, keptPlans);
        maker = new StageMaker(plan => chain.HasAccelerators ? new SectionedPlan(plan, chain, options.Profile, startsAtOnce: atOnce) : chain.Host.Compile(plan), bodies, keptPlans, () => chain.HasAccelerators, placer is null ? null : placer.Compile);
        try
        {
            Exchange(graph(chain.HasAccelerators));
        }
        catch
        {
            chain.Dispose();
            throw;
        }
    }

    /// <summary>The model.</summary>
    public Graph Graph { get; private set; }

    /// <summary>The plan in use; null before the first run of a model with open shapes, or when shapes depend on data.</summary>
    public ExecutionPlan? Plan => Compiled?.Plan;

    /// <summary>The compiled plan in use; see <see cref="Plan"/>.</summary>
    public ICompiledPlan? Compiled => Current?.Compiled;

    /// <summary>What of the model runs where, and why; null before the first run of a model with open shapes. Where shapes depend on data it tells of the last run.</summary>
    public Placement? Placement => Current switch
    {
        null => null,
        { Stage: { } stage } => Placement.Of(Graph.Name, stage, bodies, chain, placer),
        { } model => Placement.Of(model.Compiled!, chain, placer),
    };

    /// <summary>The backend that runs each step of <see cref="Plan"/>, such as vulkan; null where there is no plan.</summary>
    public IReadOnlyList<string>? StepBackends => Compiled switch
    {
        null => null,
        SectionedPlan sectioned => [.. sectioned.Backends],
        { } compiled => [.. Enumerable.Repeat(chain.Host.Traits.Name, compiled.Plan.Steps.Count)],
    };

    /// <summary>False while a device is being prepared that is to take over from the CPU; see <see cref="StartPolicy.AtOnce"/>.</summary>
    public bool IsReady
    {
        get
        {
            for (Stage? stage = Current?.Stage; stage is not null; stage = stage.Next)
                if (stage.Plan is SectionedPlan { IsPending: true }) return false;
            return Compiled is not SectionedPlan { IsPending: true };
        }
    }

    /// <summary>What went wrong with devices lately and how the session went on, and when they took over; it survives any device but the CPU. The last 256 events are kept.</summary>
    public IReadOnlyList<BackendEvent> Events => chain.Log.Events;

    /// <summary>How many events there were so far, forgotten ones, too.</summary>
    public long EventCount => chain.Log.Count;

    /// <summary>How many faults of devices the session survived so far.</summary>
    public long Faults => chain.Log.Faults;

    /// <summary>How often devices that had failed came back so far.</summary>
    public long Returns => chain.Log.Returns;

    /// <summary>What events cost the frames that they fell on, all together.</summary>
    public TimeSpan TimeLost => chain.Log.TimeLost;

    /// <summary>Memory of an input, to be filled before <see cref="Run()"/>.</summary>
    /// <exception cref="EdgeException">There is no plan: the model has open shapes.</exception>
    public TensorView Input(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Graph.Inputs.Count, nameof(index));
        return Ready.Input(index);
    }

    /// <summary>Memory of an output, valid after a run until the next. An output that is an input of the model shares its memory.</summary>
    /// <exception cref="EdgeException">There is none yet: the model has open shapes and did not run.</exception>
    public TensorView Output(int index)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)Graph.Outputs.Count, nameof(index));
        return results.Length > 0 ? results[index].View : Ready.Output(index);
    }

    /// <summary>Position of the input of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public int InputIndex(string name) => IndexOf(name, "input", Graph.Inputs.Select(i => i.Name));

    /// <summary>Position of the output of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public int OutputIndex(string name) => IndexOf(name, "output", Graph.Outputs.Select(o => o.Name));

    /// <summary>
    /// Executes the model on what is in its input memory. When a device fails meanwhile, the same frame is run on the next backend, and later ones too; see <see cref="Events"/>.
    /// </summary>
    public void Run() => Ready.Run();

    /// <summary>
    /// Does a part of <see cref="Run()"/>, as much as is expected to fit the budget, from where the last call ended: for whoever has something else to do at a fixed rate, such as a game. The results are
    /// the same to the bit. What is in the inputs must stay as it is until the run has ended; calling <see cref="Run()"/> in the middle begins again.
    /// </summary>
    /// <param name="budget">The time there is.</param>
    /// <returns>True when the run has ended and outputs can be read; the next call begins another one.</returns>
    public bool Advance(in TimeBudget budget)
    {
        ICompiledPlan plan = Ready;
        if (plan is ISteppedPlan stepped) return stepped.Advance(budget);
        plan.Run();
        return true;
    }

    /// <summary>
    /// Does a part of <see cref="Run(ReadOnlySpan{TensorView})"/>, from where the last call ended. Planning for new shapes cannot be cut, nor can a run of a model whose shapes depend on data: they are done on
    /// a thread of their own, so that the budget is kept, and nothing else is done meanwhile.
    /// </summary>
    /// <param name="inputs">The inputs: the same ones until the run has ended.</param>
    /// <param name="budget">The time there is.</param>
    /// <returns>True when the run has ended and outputs can be read; the next call begins another one.</returns>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public bool Advance(ReadOnlySpan<TensorView> inputs, in TimeBudget budget)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (budget.IsUnlimited && !isUnderWay && beside is null)
        {
            Run(inputs);
            return true;
        }
        if (!isUnderWay)
        {
            if (!Prepare(inputs, budget, out PreparedModel? model)) return false;
            if (model.Compiled is not { } plan) return true;
            if (results.Length > 0) results = [];
            (plan as ISteppedPlan)?.Abandon();
            model.Feed(inputs);
        }
        // What throws is not gone on with.
        isUnderWay = false;
        isUnderWay = !Advance(budget);
        return !isUnderWay;
    }

    /// <summary>Gives up the run that was begun a part at a time, if any.</summary>
    public void Abandon()
    {
        isUnderWay = false;
        // What is done beside cannot be broken off.
        beside?.Wait();
        beside = null;
        (Compiled as ISteppedPlan)?.Abandon();
    }

    /// <summary>
    /// Executes the model on copies of the given inputs. New shapes are planned for on the way, which allocates, and the last plans are kept; of a model whose shapes depend on
    /// data what can be planned is, and the rest when its shapes are there. <see cref="Explain"/> says so.
    /// </summary>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public void Run(ReadOnlySpan<TensorView> inputs)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckInputs(inputs);
        Abandon();
        PreparedModel model = PreparedFor(inputs);
        if (model.Stage is { } stage)
        {
            results = stage.Run(inputs);
            return;
        }
        if (results.Length > 0) results = [];
        model.Feed(inputs);
        model.Compiled!.Run();
    }

    /// <summary>What runs where, and why.</summary>
    public string Explain() => Placement is { } placement ? PlacementText.Of(placement)
        : $"{Graph.Name}: no plan yet: shapes are open; it is planned when inputs are there.\n";

    /// <summary>
    /// Goes on with another graph on the same backends. Views of inputs and outputs are of the old one. A graph that is refused before it is compiled leaves all as it was.
    /// </summary>
    /// <exception cref="EdgeException">The graph cannot be planned or compiled.</exception>
    [MemberNotNull(nameof(Graph), nameof(folded))]
    internal void Exchange(Graph graph)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Shape[] shapes = [.. graph.Inputs.Select(i => i.Type.Shape)];
        // What refuses the shapes does so before the plans in use are given up.
        PreparedModel? next = Array.TrueForAll(shapes, s => s.IsStatic) ? new PreparedModel(graph, shapes, maker, isFolded: false, chain.Host.Compute) : null;
        Graph open = next is null ? GraphBinding.Bind(graph, [.. graph.Inputs.Select(i => new Operand(i.Type))], withBodies: true, compute: chain.Host.Compute) : graph;
        ForgetPlans();
        if (next is not null) prepared.Add(next);
        (Graph, folded, results) = (graph, open, []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        Abandon();
        ForgetPlans();
        bodies.Dispose();
        chain.Dispose();
    }

    /// <summary>What the last run used, or the next one without given inputs will; null while shapes are open.</summary>
    private PreparedModel? Current => prepared.Count > 0 ? prepared[0] : null;

    private ICompiledPlan Ready
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return Compiled ?? throw new EdgeException(ErrorCode.CannotPlan,
                $"The shapes of '{Graph.Name}' are open, so it has no memory of its own yet.", "Pass the inputs to Run, or fix their shapes when converting.");
        }
    }

    /// <summary>What was prepared for inputs of these shapes, or is made beside meanwhile; of a model without a plan when it has run. False while it is not there.</summary>
    private bool Prepare(ReadOnlySpan<TensorView> inputs, in TimeBudget budget, [NotNullWhen(true)] out PreparedModel? model)
    {
        model = null;
        if (beside is null)
        {
            CheckInputs(inputs);
            foreach (PreparedModel known in prepared)
                if (known.Compiled is not null && known.IsFor(inputs)) model = known;
            if (model is not null)
            {
                PreparedFor(inputs);
                return true;
            }
            TensorView[] given = inputs.ToArray();
            beside = new BackgroundWork<PreparedModel>($"EdgeRuntime: running {Graph.Name}", () => RunBeside(given));
        }
        if (!(budget.IsUnlimited || (budget.WaitsForDevices ? beside.Wait(budget.Left) : beside.IsDone))) return false;
        BackgroundWork<PreparedModel> done = beside;
        beside = null;
        model = done.Take(out EdgeException? fault) ?? throw fault!;
        return true;
    }

    private PreparedModel RunBeside(TensorView[] inputs)
    {
        PreparedModel model = PreparedFor(inputs);
        if (model.Stage is { } stage) results = stage.Run(inputs);
        return model;
    }

    /// <summary>What was prepared for inputs of these shapes, or is now.</summary>
    private PreparedModel PreparedFor(ReadOnlySpan<TensorView> inputs)
    {
        for (int i = 0; i < prepared.Count; i++)
        {
            PreparedModel known = prepared[i];
            if (!known.IsFor(inputs)) continue;
            if (i > 0)
            {
                prepared.RemoveAt(i);
                prepared.Insert(0, known);
            }
            return known;
        }
        var shapes = new Shape[inputs.Length];
        for (int i = 0; i < shapes.Length; i++) shapes[i] = inputs[i].Shape;
        var model = new PreparedModel(folded, shapes, maker, isFolded: true);
        while (prepared.Count >= keptPlans)
        {
            prepared[^1].Dispose();
            prepared.RemoveAt(prepared.Count - 1);
        }
        prepared.Insert(0, model);
        return model;
    }

    private void ForgetPlans()
    {
        foreach (PreparedModel model in prepared) model.Dispose();
        prepared.Clear();
        isUnderWay = false;
    }

    private static BackendChain Open(SessionOptions options)
    {
        (IReadOnlyList<IBackend> accelerators, IReadOnlyList<string> passedOver) = options.Accelerators is { } given ? (given, []) : BackendSelector.Open(options.Request);
        // A program may rehearse what it does when devices fail.
        if (FaultPlan.OfEnvironment() is { } faults && options.Accelerators is null) accelerators = [.. accelerators.Select(a => new FaultyBackend(a, faults))];
        var host = new CpuBackend(options.Threads, options.Profile) { Trace = options.Trace, Tuning = options.Tuning, CacheFolder = options.CacheFolder };
        return new BackendChain(host, accelerators, ownsAccelerators: options.Accelerators is null, passedOver, options.Failover);
    }

    private int IndexOf(string name, string kind, IEnumerable<string> names)
    {
        string[] all = [.. names];
        int index = Array.IndexOf(all, name);
        return index >= 0 ? index
            : throw new EdgeException(ErrorCode.InputMismatch, $"'{Graph.Name}' has no {kind} '{name}'; it has {string.Join(", ", all.Select(n => $"'{n}'"))}.");
    }

    private void CheckInputs(ReadOnlySpan<TensorView> inputs)
    {
        if (inputs.Length != Graph.Inputs.Count)
            throw new EdgeException(ErrorCode.InputMismatch, $"'{Graph.Name}' has {Graph.Inputs.Count} inputs, {inputs.Length} were given.");
        for (int i = 0; i < inputs.Length; i++)
        {
            Value input = Graph.Inputs[i];
            if (inputs[i].DataType != input.Type.DataType || !input.Type.Shape.Accepts(inputs[i].Shape))
                throw new EdgeException(ErrorCode.InputMismatch, $"Input '{input.Name}' of '{Graph.Name}' is {input.Type.Format(Graph.Symbols)}; {inputs[i].Type} was given.");
        }
    }
}
