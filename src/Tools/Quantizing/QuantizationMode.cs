using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Quantizing;

/// <summary>What is kept in few bits.</summary>
internal enum QuantizationMode
{
    /// <summary>Weights and activations in 8 bits; few layers may stay in floats where the bound asks for it.</summary>
    Int8,

    /// <summary>As <see cref="Int8"/>, with as many layers in floats as the bound asks for.</summary>
    Mixed,

    /// <summary>Weights in 8 bits, with a scale for each channel; arithmetic stays in floats.</summary>
    Int8Weights,

    /// <summary>Weights of matrices in 4 bits, with a scale for each 32, other weights in 8; arithmetic stays in floats.</summary>
    Int4Weights,
}

/// <summary>Names of modes, as command lines and files have them.</summary>
internal static class QuantizationModes
{
    /// <summary>The name of a mode.</summary>
    public static string NameOf(this QuantizationMode mode) => mode switch
    {
        QuantizationMode.Int8 => "int8",
        QuantizationMode.Mixed => "mixed",
        QuantizationMode.Int8Weights => "int8-weights",
        QuantizationMode.Int4Weights => "int4-weights",
        _ => throw new EdgeException(ErrorCode.BadUsage, $"There is no mode {(int)mode}."),
    };

    /// <summary>True where activations stay in floats.</summary>
    public static bool IsOfWeights(this QuantizationMode mode) => mode is QuantizationMode.Int8Weights or QuantizationMode.Int4Weights;
}
