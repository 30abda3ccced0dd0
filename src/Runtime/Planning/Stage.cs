using EdgeRuntime.Graphs;
using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Planning;

/// <summary>
/// The part of a graph whose shapes are known before running, as a plan, and then the nodes that this part feeds whose results' shapes depend on data: those are executed one
/// by one. What is left is bound to the shapes that came out, and is the next stage.
/// </summary>
internal sealed class Stage : IDisposable
{
    /// <summary>More stages than this are not worth planning: each binds all that is left.</summary>
    private const int MostStages = 64;

    private readonly Graph graph;
    private readonly StageMaker maker;
    private readonly int depth;
    private readonly int[] feeds;
    private readonly Executed[] executed;
    private readonly Source[] results, restInputs;
    private readonly Graph? rest;
    private readonly int places;
    private readonly List<(TensorType[] Inputs, Stage Stage)> continuations = [];

    /// <summary>Divides and compiles a graph.</summary>
    /// <param name="graph">The graph; the shapes of its inputs are known.</param>
    /// <param name="maker">Compiles plans, runs bodies.</param>
    /// <param name="depth">How many stages come before.</param>
    public Stage(Graph graph, StageMaker maker, int depth = 0)
    {
        (this.graph, this.maker, this.depth) = (graph, maker, depth);
        StageDivision division = StageDivision.Of(graph);
        Dictionary<Value, int> placeOf = [];
        foreach (Value input in graph.Inputs) placeOf.TryAdd(input, placeOf.Count);
        feeds = [.. division.PlanInputs.Select(v => placeOf[v])];
        foreach (Value output in division.PlanOutputs) placeOf.Add(output, placeOf.Count);
        executed = new Executed[division.Executed.Count];
        for (int i = 0; i < executed.Length; i++)
        {
            Node node = division.Executed[i];
            executed[i] = new Executed(node, Array.ConvertAll(node.InputArray, v => v is null ? default : Of(v)), placeOf.Count);
            foreach (Value output in node.Outputs) placeOf.Add(output, placeOf.Count);
        }
        places = placeOf.Count;
        results = new Source[graph.Outputs.Count];
        var later = new List<Value>();
        for (int i = 0; i < results.Length; i++)
        {
            Value value = graph.Outputs[i].Value;
            if (value.Constant is not null || placeOf.ContainsKey(value)) results[i] = Of(value);
            else
            {
                int index = later.IndexOf(value);
                if (index < 0) (index, later) = (later.Count, [.. later, value]);
                results[i] = new Source(index, null, true);
            }
        }
        restInputs = [.. division.RestInputs.Select(Of)];
        if (division.Rest.Count > 0) rest = GraphCutter.Cut(graph, division.Rest, division.RestInputs, later);
        if (division.Planned.Count > 0)
            Plan = maker.Compile(GraphCutter.Cut(graph, division.Planned, division.PlanInputs, division.PlanOutputs));

        Source Of(Value value) => value.Constant is { } constant ? new Source(0, constant, false) : new Source(placeOf[value], null, false);
    }

    /// <summary>What is planned of this stage; null where nothing is.</summary>
    public ICompiledPlan? Plan { get; }

    /// <summary>The nodes that are executed one by one.</summary>
    public IEnumerable<Node> Unplanned => executed.Select(e => e.Node);

    /// <summary>What came after this stage in the last run; null where nothing did.</summary>
    public Stage? Next => continuations.Count > 0 ? continuations[0].Stage : null;

    /// <summary>Runs this stage and those after it; the results have memory of their own.</summary>
    public Tensor[] Run(ReadOnlySpan<TensorView> inputs)
    {
        var views = new TensorView[places];
        var tensors = new Tensor?[places];
        inputs.CopyTo(views);
        if (Plan is not null)
        {
            for (int i = 0; i < feeds.Length; i++) views[feeds[i]].Bytes.CopyTo(Plan.Input(i).Bytes);
            Plan.Run();
            for (int i = 0; i < Plan.Plan.Outputs.Count; i++) views[graph.Inputs.Count + i] = Plan.Output(i);
        }
        foreach (Executed one in executed)
        {
            Tensor[] made = GraphInterpreter.Execute(one.Node, Array.ConvertAll(one.Operands, s => View(s)), maker.Bodies.Run);
            for (int i = 0; i < made.Length; i++)
            {
                tensors[one.FirstPlace + i] = made[i];
                views[one.FirstPlace + i] = made[i].View;
            }
        }
        Tensor[] later = rest is null ? [] : Continue(Array.ConvertAll(restInputs, s => View(s)));
        return Array.ConvertAll(results, s => s.IsLater ? later[s.Place] : s.Constant is null && tensors[s.Place] is { } own ? own : Copy(View(s)));

        TensorView View(in Source source) => source.IsMissing ? default : source.Constant?.View ?? views[source.Place];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Plan?.Dispose();
        foreach ((_, Stage stage) in continuations) stage.Dispose();
    }

    private Tensor[] Continue(TensorView[] inputs)
    {
        if (depth >= MostStages) return GraphInterpreter.Run(rest!, inputs, run: maker.Bodies.Run);
        int known = continuations.FindIndex(c => IsFor(c.Inputs, inputs));
        (TensorType[], Stage Stage) next;
        if (known >= 0)
        {
            next = continuations[known];
            continuations.RemoveAt(known);
        }
        else
        {
            Operand[] operands = Array.ConvertAll(inputs, v => new Operand(v.Type));
            next = (Array.ConvertAll(inputs, v => v.Type), new Stage(GraphBinding.Bind(rest!, operands), maker, depth + 1));
        }
        continuations.Insert(0, next);
        if (continuations.Count > maker.Kept)
        {
            continuations[^1].Stage.Dispose();
            continuations.RemoveAt(continuations.Count - 1);
        }
        return next.Stage.Run(inputs);
    }

    /// <summary>True when what was prepared for some types fits these.</summary>
    internal static bool IsFor(TensorType[] types, ReadOnlySpan<TensorView> views)
    {
        for (int i = 0; i < types.Length; i++)
            if (types[i].Shape != views[i].Shape || types[i].DataType != views[i].DataType) return false;
        return true;
    }

    private static Tensor Copy(in TensorView view)
    {
        var copy = new Tensor(view.Type);
        view.Bytes.CopyTo(copy.View.Bytes);
        return copy;
    }

    private sealed record Executed(Node Node, Source[] Operands, int FirstPlace);

    /// <summary>Where a value is found: at a place of this stage, among the results of the next, or in the model. The default is a missing operand.</summary>
    private readonly struct Source(int place, Tensor? constant, bool isLater)
    {
        private readonly bool isThere = true;

        public bool IsMissing => !isThere;

        public int Place => place;

        public Tensor? Constant => constant;

        public bool IsLater => isLater;
    }
}
