using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Planning;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Sessions;

/// <summary>A model made ready for inputs of certain shapes: a plan where all shapes are known then, else stages.</summary>
internal sealed class PreparedModel : IDisposable
{
    private readonly Graph bound;
    private Tensor[] crossing = [];

    /// <summary>Binds, plans and compiles.</summary>
    /// <param name="graph">The model.</param>
    /// <param name="shapes">The shapes of its inputs.</param>
    /// <param name="maker">Compiles plans and runs bodies.</param>
    /// <param name="isFolded">True when what depends on no shape has been folded already, in bodies, too.</param>
    /// <param name="compute">Computes what is folded of weights; null for definitions.</param>
    /// <exception cref="Diagnostics.EdgeException">The graph cannot be planned or compiled.</exception>
    public PreparedModel(Graph graph, Shape[] shapes, StageMaker maker, bool isFolded, Func<Graph, Tensor[]>? compute = null)
    {
        Shapes = shapes;
        Operand[] inputs = [.. graph.Inputs.Select((input, i) => new Operand(input.Type with { Shape = shapes[i] }))];
        bound = GraphBinding.Bind(graph, inputs, withBodies: !isFolded, compute: compute);
        if (bound.IsStatic) Compiled = maker.Compile(bound);
        else Stage = new Stage(bound, maker);
    }

    /// <summary>The shapes of the inputs.</summary>
    public Shape[] Shapes { get; }

    /// <summary>The plan; null where shapes depend on data.</summary>
    public ICompiledPlan? Compiled { get; }

    /// <summary>The first stage; null where there is a plan.</summary>
    public Stage? Stage { get; }

    /// <summary>True for inputs of these shapes.</summary>
    public bool IsFor(ReadOnlySpan<TensorView> inputs)
    {
        for (int i = 0; i < inputs.Length; i++)
            if (Shapes[i] != inputs[i].Shape) return false;
        return true;
    }

    /// <summary>
    /// Copies the inputs to where the plan reads them. An output that is fed back may lie in the memory of another input, which must
    /// not be written before it is read: then all go by way of memory in between.
    /// </summary>
    public void Feed(ReadOnlySpan<TensorView> inputs)
    {
        ICompiledPlan plan = Compiled!;
        bool crossed = false;
        for (int i = 1; i < inputs.Length; i++)
            for (int earlier = 0; earlier < i; earlier++) crossed |= inputs[i].Bytes.Overlaps(plan.Input(earlier).Bytes);
        if (crossed)
        {
            if (crossing.Length == 0) crossing = [.. bound.Inputs.Select(i => new Tensor(i.Type))];
            for (int i = 0; i < inputs.Length; i++) inputs[i].Bytes.CopyTo(crossing[i].View.Bytes);
        }
        for (int i = 0; i < inputs.Length; i++) (crossed ? crossing[i].View : inputs[i]).Bytes.CopyTo(plan.Input(i).Bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Compiled?.Dispose();
        Stage?.Dispose();
    }
}
