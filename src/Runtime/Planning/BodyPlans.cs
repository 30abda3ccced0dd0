using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>
/// Runs bodies by plans, of which it keeps the last for each body. Shapes that come up for the first time are planned for at once where the body has work to do; a
/// small one is run by its definition until the same shapes come again.
/// </summary>
/// <param name="compile">Compiles a plan.</param>
/// <param name="kept">How many plans are kept of each body.</param>
internal sealed class BodyPlans(Func<ExecutionPlan, ICompiledPlan> compile, int kept) : IDisposable
{
    /// <summary>Weights and inputs of fewer bytes are gone through sooner than they are planned for.</summary>
    private const long SmallBytes = 64 * 1024;

    private readonly Dictionary<Body, List<Entry>> known = [];
    private StageMaker? maker;

    /// <summary>What ran last of each body, as far as it was planned.</summary>
    public IEnumerable<Stage> Last => known.Values.Select(entries => entries[0].Stage).OfType<Stage>();

    /// <summary>A <see cref="BodyRunner"/>.</summary>
    public Tensor[] Run(Body body, ReadOnlySpan<TensorView> inputs)
    {
        Graph graph = ((GraphBody)body).Graph;
        if (!known.TryGetValue(body, out List<Entry>? entries)) known.Add(body, entries = []);
        Entry? entry = null;
        foreach (Entry candidate in entries)
            if (Stage.IsFor(candidate.Types, inputs)) entry = candidate;
        bool isNew = entry is null;
        if (entry is null)
        {
            entry = new Entry(Types(inputs));
            if (entries.Count >= kept)
            {
                entries[^1].Stage?.Dispose();
                entries.RemoveAt(entries.Count - 1);
            }
        }
        else
        {
            entries.Remove(entry);
        }
        entries.Insert(0, entry);
        if (entry.Stage is null && isNew && IsSmall(graph, inputs)) return GraphInterpreter.Run(graph, inputs, run: Run);
        entry.Stage ??= new Stage(GraphBinding.Bind(graph, Array.ConvertAll(entry.Types, t => new Operand(t))), maker ??= new StageMaker(compile, this, kept));
        return entry.Stage.Run(inputs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (List<Entry> entries in known.Values)
            foreach (Entry entry in entries) entry.Stage?.Dispose();
        known.Clear();
    }

    private static bool IsSmall(Graph graph, ReadOnlySpan<TensorView> inputs)
    {
        long bytes = 0;
        foreach (TensorView input in inputs) bytes += input.IsMissing ? 0 : input.Type.ByteCount;
        foreach (Value constant in graph.Constants) bytes += constant.Type.ByteCount;
        return bytes < SmallBytes;
    }

    private static TensorType[] Types(ReadOnlySpan<TensorView> views)
    {
        var types = new TensorType[views.Length];
        for (int i = 0; i < types.Length; i++) types[i] = views[i].Type;
        return types;
    }

    private sealed class Entry(TensorType[] types)
    {
        public TensorType[] Types => types;

        public Stage? Stage { get; set; }
    }
}
