using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Verification;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>A step of a model as a plan of its own, with the values that it is given in the model.</summary>
/// <param name="Plan">The plan of the step alone.</param>
/// <param name="Values">Values for its inputs.</param>
internal sealed record SingleLayer(ExecutionPlan Plan, Tensor[] Values) : IDisposable
{
    private const int MostNamed = 12;

    /// <summary>The step.</summary>
    public PlanStep Step => Plan.Steps[0];

    /// <summary>The layer of a model that has a name, or, where none has just that one, whose name is the only one to contain it.</summary>
    /// <exception cref="EdgeException">There is none, or there are several.</exception>
    public static SingleLayer Find(Graph graph, string name)
    {
        Tensor[] inputs = RandomInput.For(graph, seed: 1);
        using var session = new InferenceSession(graph, new SessionOptions { Backend = BackendKind.Cpu, Threads = 1 });
        session.Run(Array.ConvertAll(inputs, v => v.View));
        if (session.Plan is not { } plan)
            throw new EdgeException(ErrorCode.BadUsage, $"'{graph.Name}' has shapes that depend on data, so its layers are not known before it runs.", "Name a layer of another model.");
        return Cut(plan, Index(plan, name), inputs);
    }

    /// <summary>A graph of one node.</summary>
    public static SingleLayer Of(Graph graph) => Cut(Planner.Plan(graph), 0, RandomInput.For(graph, seed: 1));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor value in Values) value.Dispose();
    }

    private static int Index(ExecutionPlan plan, string name)
    {
        int[] found = [.. Enumerable.Range(0, plan.Steps.Count).Where(i => plan.Steps[i].Name == name)];
        if (found.Length == 0) found = [.. Enumerable.Range(0, plan.Steps.Count).Where(i => plan.Steps[i].Name.Contains(name, StringComparison.OrdinalIgnoreCase))];
        if (found.Length == 1) return found[0];
        IEnumerable<string> names = (found.Length == 0 ? Enumerable.Range(0, plan.Steps.Count) : found).Select(i => plan.Steps[i].Name).Distinct();
        throw new EdgeException(ErrorCode.BadUsage, $"'{plan.Name}' has {(found.Length == 0 ? "no layer" : $"{found.Length} layers")} '{name}'.",
            $"It has, among others: {string.Join(", ", names.Take(MostNamed))}. `bench --per-layer` lists all.");
    }

    /// <summary>Runs what comes before the step, and takes what it reads.</summary>
    private static SingleLayer Cut(ExecutionPlan plan, int index, Tensor[] inputs)
    {
        PlanStep step = plan.Steps[index];
        ExecutionPlan single = SingleStep.Of(plan, step);
        int[] read = [.. step.Inputs.Where(slot => slot >= 0 && plan.Slots[slot].Kind != SlotKind.Constant).Distinct()];
        ExecutionPlan before = PlanLayout.Place(plan.Name, plan.Slots, [.. plan.Steps.Take(index)], [.. plan.Inputs], [.. read.Select(slot => new PlanPort(plan.Slots[slot].Name, slot))]);
        using var backend = new CpuBackend(1);
        using ICompiledPlan compiled = backend.Compile(before);
        for (int i = 0; i < inputs.Length; i++) inputs[i].View.Bytes.CopyTo(compiled.Input(i).Bytes);
        compiled.Run();
        var values = new Tensor[read.Length];
        for (int i = 0; i < read.Length; i++)
        {
            values[i] = new Tensor(compiled.Output(i).Type);
            compiled.Output(i).Bytes.CopyTo(values[i].View.Bytes);
        }
        return new SingleLayer(single, values);
    }
}
