using EdgeRuntime.Diagnostics;
using EdgeRuntime.Graphs;
using EdgeRuntime.Sessions;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Outputs of a graph without a session: their types, and after <see cref="Set"/> tensors that were kept from a run.</summary>
internal sealed class KeptOutputs(Graph graph) : IModelOutputs
{
    private readonly TensorView[] views = [.. graph.Outputs.Select(o => TensorView.WithoutElements(o.Value.Type))];

    /// <summary>Takes the tensors of a run, in the order of the graph's outputs.</summary>
    /// <exception cref="EdgeException">They are others.</exception>
    public void Set(ReadOnlySpan<TensorView> outputs)
    {
        if (outputs.Length != views.Length)
            throw new EdgeException(ErrorCode.InputMismatch, $"'{graph.Name}' has {views.Length} outputs; {outputs.Length} were given.");
        for (int i = 0; i < outputs.Length; i++)
        {
            TensorType type = graph.Outputs[i].Value.Type;
            if (outputs[i].DataType != type.DataType || outputs[i].Shape != type.Shape)
                throw new EdgeException(ErrorCode.InputMismatch, $"The output '{graph.Outputs[i].Name}' of '{graph.Name}' is {type}; {outputs[i].Type} was given.");
            views[i] = outputs[i];
        }
    }

    /// <inheritdoc/>
    public int OutputIndex(string name)
    {
        for (int i = 0; i < views.Length; i++)
            if (graph.Outputs[i].Name == name) return i;
        throw new EdgeException(ErrorCode.InputMismatch, $"'{graph.Name}' has no output '{name}'; it has {string.Join(", ", graph.Outputs.Select(o => $"'{o.Name}'"))}.");
    }

    /// <inheritdoc/>
    public TensorView Output(int index) => views[index];
}
