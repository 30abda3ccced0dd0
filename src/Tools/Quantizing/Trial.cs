namespace EdgeRuntime.Tools.Quantizing;

/// <summary>A candidate that was built and run.</summary>
/// <param name="InFloats">Layers that stay in floats.</param>
/// <param name="Halves">True where the weights of these are f16.</param>
/// <param name="Value">The metric.</param>
/// <param name="Bytes">Size of its file, without what the file says beside the graph.</param>
/// <param name="Milliseconds">How long a run takes on this machine; null where nobody asked.</param>
internal sealed record Trial(IReadOnlySet<Layer> InFloats, bool Halves, double Value, long Bytes, double? Milliseconds);
