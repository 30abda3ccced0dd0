using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Runs a model on samples: step by step where it takes a sound window by window, with its state fed back from each step to the next.</summary>
internal sealed class StepRunner : IDisposable
{
    private readonly InferenceSession session;
    private readonly int[] feeds;
    private readonly TensorView[] outputs;

    /// <summary>Prepares a model, which must outlive the runner.</summary>
    /// <exception cref="EdgeException">It cannot run, or its state names what it does not have.</exception>
    public StepRunner(EdgeModel model, SessionOptions options)
    {
        Model = model;
        Facts = new ModelFacts(model);
        Inputs = new ModelInputs(model, Facts);
        Graph graph = model.Graph;
        feeds = [.. graph.Inputs.Select(i => Facts.State.TryGetValue(i.Name, out string? output) ? IndexOf(graph, output) : -1)];
        outputs = new TensorView[graph.Outputs.Count];
        session = new InferenceSession(graph, options);
    }

    public EdgeModel Model { get; }

    public ModelFacts Facts { get; }

    /// <summary>What makes its inputs.</summary>
    public ModelInputs Inputs { get; }

    /// <summary>Whether an output only carries state to the next step.</summary>
    public bool IsState(int output) => feeds.Contains(output);

    /// <summary>The outputs of each step of a sample, in the order of the graph's; valid until the next step.</summary>
    /// <exception cref="EdgeException">The content cannot be read, or the model takes no such thing.</exception>
    public IEnumerable<TensorView[]> Run(SampleContent content)
    {
        var state = new Tensor?[feeds.Length];
        foreach (Tensor[] step in Inputs.Steps(content))
        {
            session.Run([.. step.Select((tensor, i) => (state[i] ?? tensor).View)]);
            foreach (Tensor tensor in step) tensor.Dispose();
            for (int i = 0; i < outputs.Length; i++) outputs[i] = session.Output(i);
            // What an output holds is overwritten by the next run. One that is empty leaves the state as it was.
            for (int i = 0; i < feeds.Length; i++)
                if (feeds[i] >= 0 && outputs[feeds[i]].Shape.Count > 0) state[i] = Verification.LayerVerifier.Copy(outputs[feeds[i]]);
            yield return outputs;
        }
    }

    /// <summary>
    /// The output that has a role: the one that the decoder names or, where it names none, the only one that is no state.
    /// </summary>
    /// <exception cref="EdgeException">It is not known.</exception>
    public int OutputOf(string role)
    {
        Graph graph = Model.Graph;
        if (Facts.Decoder is { } decoder && decoder.Outputs.TryGetValue(role, out string? name)) return IndexOf(graph, name);
        int[] free = [.. Enumerable.Range(0, graph.Outputs.Count).Where(i => !feeds.Contains(i) && graph.Outputs[i].Value.Type.DataType == DataType.F32)];
        return free.Length == 1 ? free[0] : throw new EdgeException(ErrorCode.WrongTask, $"'{Model.Metadata.Name}' does not say which of its {graph.Outputs.Count} outputs is '{role}'.", "Convert the model with metadata that names it.");
    }

    public void Dispose()
    {
        Inputs.Dispose();
        session.Dispose();
    }

    private int IndexOf(Graph graph, string output)
    {
        for (int i = 0; i < graph.Outputs.Count; i++)
            if (graph.Outputs[i].Name == output) return i;
        throw new EdgeException(ErrorCode.WrongTask, $"The metadata of '{Model.Metadata.Name}' names the output '{output}', which the graph does not have.", "Convert the model again with right metadata.");
    }
}
