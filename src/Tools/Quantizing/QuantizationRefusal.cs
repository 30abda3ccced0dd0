using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>No candidate that the mode allows keeps the bounds, so that nothing is written.</summary>
/// <param name="quantized">The best there is.</param>
/// <param name="problem">What is wrong with it, in one sentence.</param>
/// <param name="remedy">What can be done.</param>
internal sealed class QuantizationRefusal(QuantizedModel quantized, string problem, string remedy) : Exception(problem)
{
    /// <summary>The best candidate; its evidence says what it loses, and where.</summary>
    public QuantizedModel Quantized => quantized;

    /// <summary>The evidence of <see cref="Quantized"/>.</summary>
    public QuantizationEvidence Evidence => quantized.Evidence;

    /// <summary>What can be done.</summary>
    public string Remedy => remedy;
}
