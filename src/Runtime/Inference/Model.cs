using EdgeRuntime.Format;

namespace EdgeRuntime.Inference;

/// <summary>A model, read from an .edge file. It must outlive its workers.</summary>
public sealed class Model : IDisposable
{
    internal Model(EdgeModel edge) => Edge = edge;

    /// <summary>What it takes, in order.</summary>
    public IReadOnlyList<string> Inputs => [.. Edge.Graph.Inputs.Select(i => i.Name)];

    /// <summary>What it gives, in order.</summary>
    public IReadOnlyList<string> Outputs => [.. Edge.Graph.Outputs.Select(o => o.Name)];

    /// <summary>The model as the rest of the runtime has it.</summary>
    public EdgeModel Edge { get; }

    /// <inheritdoc/>
    public void Dispose() => Edge.Dispose();
}
