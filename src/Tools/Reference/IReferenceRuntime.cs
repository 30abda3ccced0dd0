using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Reference;

/// <summary>Another runtime to compare with. Public, because its adapter is an assembly of its own that is loaded when it is there.</summary>
public interface IReferenceRuntime
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>Its version.</summary>
    string Version { get; }

    /// <summary>Loads an ONNX model.</summary>
    /// <param name="model">The bytes of the file.</param>
    /// <param name="folder">Where its external data lies, or null.</param>
    /// <param name="threads">Number of threads.</param>
    /// <param name="optimize">True to let it optimize the graph: for speed. False for values as the model defines them.</param>
    IReferenceModel Load(byte[] model, string? folder, int threads, bool optimize);

    /// <summary>Loads an ONNX model from its file, as programs do that measure nothing: optimized.</summary>
    /// <param name="path">The file.</param>
    /// <param name="threads">Number of threads.</param>
    IReferenceModel LoadFile(string path, int threads);
}

/// <summary>A model in another runtime.</summary>
public interface IReferenceModel : IDisposable
{
    /// <summary>Copies the inputs of the runs to come.</summary>
    void SetInputs(IReadOnlyList<(string Name, TensorView Value)> values);

    /// <summary>Runs once; for measuring.</summary>
    void Run();

    /// <summary>Runs once and copies what the model returns; outputs that are no tensors of numbers are left out.</summary>
    IReadOnlyDictionary<string, Tensor> RunAndRead();
}
