using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Inputs that a model is calibrated or measured with: each sample is one tensor for each input of the graph, in the graph's order.</summary>
internal abstract class SampleSet : IDisposable
{
    /// <summary>Number of samples.</summary>
    public abstract int Count { get; }

    /// <summary>What they are, in a few words, such as "64 pictures of photos/".</summary>
    public abstract string Description { get; }

    /// <summary>What to call a sample, such as its file name.</summary>
    public abstract string NameOf(int index);

    /// <summary>The tensors of a sample; the caller owns them.</summary>
    /// <exception cref="Diagnostics.EdgeException">The sample cannot be read, or does not fit the model.</exception>
    public abstract Tensor[] Inputs(int index);

    /// <summary>Gives back files and memory.</summary>
    public virtual void Dispose()
    {
    }
}
