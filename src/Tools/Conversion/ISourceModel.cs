using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Conversion;

/// <summary>A model in a format of others, read but not imported yet: what the converter needs to know of it, whichever format it is.</summary>
internal interface ISourceModel
{
    /// <summary>The format's name for messages, such as ONNX.</summary>
    string Format { get; }

    /// <summary>File name without extension, or what the caller calls the model.</summary>
    string Name { get; }

    /// <summary>SHA-256 of the model's own file in lower-case hexadecimal, without weights that lie in other files.</summary>
    string Sha256 { get; }

    /// <summary>Size of all its files, weights included.</summary>
    long ByteCount { get; }

    /// <summary>Names of the values that nodes compute, as the source has them; for telling them from names that importing invents.</summary>
    IReadOnlySet<string> ValueNames { get; }

    /// <summary>True when it keeps weights as 16-bit floats that importing widens: then a file of ours keeps them so too.</summary>
    bool HasHalfWeights { get; }

    /// <summary>What its weights of 8-bit integers stand for, each way once; importing widens them too.</summary>
    IReadOnlyList<WeightStep> WeightSteps { get; }

    /// <summary>Makes a graph of it.</summary>
    /// <param name="inputShapes">Shapes that fix those of the named inputs.</param>
    /// <exception cref="Diagnostics.EdgeException">The model uses what cannot be imported; the message lists it all.</exception>
    EdgeModel Import(IReadOnlyDictionary<string, Shape> inputShapes);
}
