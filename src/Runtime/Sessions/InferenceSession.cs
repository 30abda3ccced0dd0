using System.Diagnostics.CodeAnalysis;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Sessions;

/// <summary>
/// The front door: a model ready to run. Fill <see cref="Input"/>, call <see cref="Run()"/>, read <see cref="Output"/>; nothing is
/// allocated on the way. Not for use by two threads at once.
/// </summary>
public sealed class InferenceSession : IDisposable
{
    private readonly BackendChain chain;
    private readonly bool profile;
    private ICompiledPlan? compiled;
    /// <summary>The graph after what can be computed without knowing open shapes, such as widened weights: once, not for each shape.</summary>
    private Graph folded;
    private Graph bound;
    private Tensor[] interpreted = [];
    private Tensor[] staged = [];
    private bool disposed;

    /// <summary>Prepares a graph. When its shapes are known it is planned at once, else at the first run with inputs.</summary>
    /// <param name="graph">The model; it must outlive the session.</param>
    /// <param name="options">How to run, or null for the defaults.</param>
    /// <exception cref="EdgeException">The graph cannot be planned or compiled, or the backend that was named is not to be had.</exception>
    public InferenceSession(Graph graph, SessionOptions? options = null) : this(_ => graph ?? throw new ArgumentNullException(nameof(graph)), options) { }

    /// <summary>Prepares the graph for what there is, given whether that is a device besides the CPU.</summary>
    internal InferenceSession(Func<bool, Graph> graph, SessionOptions? options)
    {
        options ??= new SessionOptions();
        profile = options.Profile;
        chain = Open(options);
        try
        {
            Exchange(graph(chain.Usable.Count > 1));
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
    public ExecutionPlan? Plan => compiled?.Plan;

    /// <summary>The compiled plan in use; see <see cref="Plan"/>.</summary>
    public ICompiledPlan? Compiled => compiled;

    /// <summary>What of the model runs where, and why; null where there is no <see cref="Plan"/>.</summary>
    public Placement? Placement => compiled switch
    {
        null => null,
        SectionedPlan sectioned => Placement.Of(sectioned, chain),
        _ => Placement.Of(compiled, chain),
    };

    /// <summary>The backend that runs each step of <see cref="Plan"/>, such as vulkan; null where there is no plan.</summary>
    public IReadOnlyList<string>? StepBackends => compiled switch
    {
        null => null,
        SectionedPlan sectioned => [.. sectioned.Backends],
        _ => [.. Enumerable.Repeat(chain.Host.Traits.Name, compiled.Plan.Steps.Count)],
    };

    /// <summary>What went wrong with devices since the session began, and how it went on; a session survives any device but the CPU.</summary>
    public IReadOnlyList<BackendEvent> Events => chain.Events;

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
        return interpreted.Length > 0 ? interpreted[index].View : Ready.Output(index);
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
    /// Executes the model on copies of the given inputs. New shapes are planned for on the way, which allocates; a model whose
    /// shapes depend on data is interpreted, which is slow and allocates, and <see cref="Explain"/> says so.
    /// </summary>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public void Run(ReadOnlySpan<TensorView> inputs)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        CheckInputs(inputs);
        if (!IsPreparedFor(inputs))
        {
            var shapes = new Shape[inputs.Length];
            for (int i = 0; i < shapes.Length; i++) shapes[i] = inputs[i].Shape;
            Prepare(folded, shapes);
        }
        if (compiled is null)
        {
            interpreted = GraphInterpreter.Run(bound, inputs);
            return;
        }
        Feed(compiled, inputs);
        compiled.Run();
    }

    /// <summary>What runs where, and why.</summary>
    public string Explain() => Placement is { } placement ? PlacementText.Of(placement)
        : $"{Graph.Name}: no plan: shapes depend on data or are open; interpreted by the operators' definitions.\n";

    /// <summary>
    /// Goes on with another graph on the same backends. Views of inputs and outputs are of the old one. A graph that is refused before it is compiled leaves all as it was.
    /// </summary>
    /// <exception cref="EdgeException">The graph cannot be planned or compiled.</exception>
    [MemberNotNull(nameof(Graph), nameof(folded), nameof(bound))]
    internal void Exchange(Graph graph)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Shape[] shapes = [.. graph.Inputs.Select(i => i.Type.Shape)];
        if (Array.TrueForAll(shapes, s => s.IsStatic))
        {
            Prepare(graph, shapes);
            (Graph, folded) = (graph, graph);
            return;
        }
        Graph open = GraphBinding.Bind(graph, shapes);
        compiled?.Dispose();
        (Graph, folded, bound, compiled, interpreted, staged) = (graph, open, open, null, [], []);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        disposed = true;
        compiled?.Dispose();
        chain.Dispose();
    }

    private ICompiledPlan Ready
    {
        get
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            return compiled ?? throw new EdgeException(ErrorCode.CannotPlan,
                $"The shapes of '{Graph.Name}' are open, so it has no memory of its own yet.", "Pass the inputs to Run, or fix their shapes when converting.");
        }
    }

    /// <summary>True when the plan in use, or the graph to be interpreted, is for inputs of these shapes.</summary>
    private bool IsPreparedFor(ReadOnlySpan<TensorView> inputs)
    {
        if (compiled is null && bound.IsStatic) return false;
        for (int i = 0; i < inputs.Length; i++)
            if (bound.Inputs[i].Type.Shape != inputs[i].Shape) return false;
        return true;
    }

    [MemberNotNull(nameof(bound))]
    private void Prepare(Graph graph, Shape[] shapes)
    {
        // What refuses the shapes does so before the plan in use is given up.
        Graph next = GraphBinding.Bind(graph, shapes);
        ExecutionPlan? plan = next.IsStatic ? Planner.Plan(next) : null;
        compiled?.Dispose();
        (compiled, bound, interpreted, staged) = (null, next, [], []);
        if (plan is not null) compiled = chain.Usable.Count == 1 ? chain.Host.Compile(plan) : new SectionedPlan(plan, chain, profile);
    }

    private static BackendChain Open(SessionOptions options)
    {
        IBackend? accelerator = options.Accelerator;
        IReadOnlyList<string> passedOver = [];
        if (accelerator is null) (accelerator, passedOver) = BackendSelector.Open(options.Request);
        return new BackendChain(new CpuBackend(options.Threads, options.Profile), accelerator, ownsAccelerator: options.Accelerator is null, passedOver);
    }

    /// <summary>
    /// Copies the inputs to where the plan reads them. An output that is fed back may lie in the memory of another input, which must
    /// not be written before it is read: then all go by way of memory in between.
    /// </summary>
    private void Feed(ICompiledPlan plan, ReadOnlySpan<TensorView> inputs)
    {
        bool crossed = false;
        for (int i = 1; i < inputs.Length; i++)
            for (int earlier = 0; earlier < i; earlier++) crossed |= inputs[i].Bytes.Overlaps(plan.Input(earlier).Bytes);
        if (crossed)
        {
            if (staged.Length == 0) staged = [.. bound.Inputs.Select(i => new Tensor(i.Type))];
            for (int i = 0; i < inputs.Length; i++) inputs[i].Bytes.CopyTo(staged[i].View.Bytes);
        }
        for (int i = 0; i < inputs.Length; i++) (crossed ? staged[i].View : inputs[i]).Bytes.CopyTo(plan.Input(i).Bytes);
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
