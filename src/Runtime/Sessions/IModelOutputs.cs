using EdgeRuntime.Tensors;

namespace EdgeRuntime.Sessions;

/// <summary>Where decoders find what a model computed: a session after a run, or tensors that were kept from one.</summary>
internal interface IModelOutputs
{
    /// <summary>Position of the output of that name.</summary>
    /// <exception cref="Diagnostics.EdgeException">There is none.</exception>
    int OutputIndex(string name);

    /// <summary>An output.</summary>
    TensorView Output(int index);
}
