using System.Text;
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
    private readonly CpuBackend backend;
    private ICompiledPlan? compiled;
    /// <summary>The graph after what can be computed without knowing open shapes, such as widened weights: once, not for each shape.</summary>
    private readonly Graph folded;
    private Graph bound;
    private Tensor[] interpreted = [];

    /// <summary>Prepares a graph. When its shapes are known it is planned at once, else at the first run with inputs.</summary>
    /// <param name="graph">The model; it must outlive the session.</param>
    /// <param name="options">How to run, or null for the defaults.</param>
    /// <exception cref="EdgeException">The graph cannot be planned or compiled.</exception>
    public InferenceSession(Graph graph, SessionOptions? options = null)
    {
        Graph = graph;
        options ??= new SessionOptions();
        backend = new CpuBackend(options.Threads, options.Profile);
        bound = folded = graph;
        Shape[] shapes = [.. graph.Inputs.Select(i => i.Type.Shape)];
        if (Array.TrueForAll(shapes, s => s.IsStatic)) Prepare(shapes);
        else folded = GraphBinding.Bind(graph, shapes);
    }

    /// <summary>The model.</summary>
    public Graph Graph { get; }

    /// <summary>The plan in use; null before the first run of a model with open shapes, or when shapes depend on data.</summary>
    public ExecutionPlan? Plan => compiled?.Plan;

    /// <summary>The compiled plan in use; see <see cref="Plan"/>.</summary>
    public ICompiledPlan? Compiled => compiled;

    /// <summary>Memory of an input, to be filled before <see cref="Run()"/>.</summary>
    /// <exception cref="EdgeException">There is no plan: the model has open shapes.</exception>
    public TensorView Input(int index) => Ready.Input(index);

    /// <summary>Memory of an output, valid after a run until the next.</summary>
    public TensorView Output(int index) => compiled is null ? interpreted[index].View : compiled.Output(index);

    /// <summary>Position of the output of that name.</summary>
    /// <exception cref="EdgeException">There is none.</exception>
    public int OutputIndex(string name)
    {
        for (int i = 0; i < Graph.Outputs.Count; i++)
            if (Graph.Outputs[i].Name == name) return i;
        throw new EdgeException(ErrorCode.InputMismatch, $"'{Graph.Name}' has no output '{name}'; it has {string.Join(", ", Graph.Outputs.Select(o => $"'{o.Name}'"))}.");
    }

    /// <summary>Executes the model on what is in its input memory.</summary>
    public void Run() => Ready.Run();

    /// <summary>
    /// Executes the model on copies of the given inputs. New shapes are planned for on the way, which allocates; a model whose
    /// shapes depend on data is interpreted, which is slow and allocates, and <see cref="Explain"/> says so.
    /// </summary>
    /// <exception cref="EdgeException">An input does not fit the model.</exception>
    public void Run(ReadOnlySpan<TensorView> inputs)
    {
        CheckInputs(inputs);
        bool fits = compiled is not null;
        for (int i = 0; i < inputs.Length && fits; i++) fits = compiled!.Input(i).Shape == inputs[i].Shape;
        if (!fits)
        {
            var shapes = new Shape[inputs.Length];
            for (int i = 0; i < shapes.Length; i++) shapes[i] = inputs[i].Shape;
            Prepare(shapes);
        }
        if (compiled is null)
        {
            foreach (Tensor tensor in interpreted) tensor.Dispose();
            interpreted = GraphInterpreter.Run(bound, inputs);
            return;
        }
        for (int i = 0; i < inputs.Length; i++) inputs[i].Bytes.CopyTo(compiled.Input(i).Bytes);
        compiled.Run();
    }

    /// <summary>What runs where, and why.</summary>
    public string Explain()
    {
        if (compiled is null) return $"{Graph.Name}: no plan: shapes depend on data or are open; interpreted by the operators' definitions.";
        var text = new StringBuilder($"{Graph.Name}: {compiled.Plan.Steps.Count} steps on {backend.Traits.Name} ({backend.Traits.Device}), arena {compiled.Plan.ArenaBytes:N0} bytes\n");
        foreach (IGrouping<string, string> kernel in compiled.Kernels.GroupBy(k => k).OrderByDescending(g => g.Count()))
            text.Append($"  {kernel.Count(),4} × {kernel.Key}\n");
        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        compiled?.Dispose();
        backend.Dispose();
        foreach (Tensor tensor in interpreted) tensor.Dispose();
    }

    private ICompiledPlan Ready => compiled ?? throw new EdgeException(ErrorCode.CannotPlan,
        $"The shapes of '{Graph.Name}' are open, so it has no input memory yet.", "Pass the inputs to Run, or fix their shapes when converting.");

    private void Prepare(Shape[] shapes)
    {
        compiled?.Dispose();
        compiled = null;
        bound = GraphBinding.Bind(folded, shapes);
        if (bound.IsStatic) compiled = backend.Compile(Planner.Plan(bound));
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
