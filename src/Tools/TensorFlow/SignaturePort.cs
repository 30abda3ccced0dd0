using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>An input or output of the model as its signature declares it.</summary>
/// <param name="Name">What users call it.</param>
/// <param name="Source">The node that gives it.</param>
/// <param name="Shape">Its shape as far as it is declared.</param>
internal sealed record SignaturePort(string Name, NodeReference Source, Shape Shape);
