namespace EdgeRuntime.Tensors;

/// <summary>
/// How integers stand for reals: real = scale · (integer - zero point), for the whole tensor or for each index along one axis.
/// </summary>
public sealed class Quantization : IEquatable<Quantization>
{
    private readonly float[] scales;
    private readonly int[] zeroPoints;

    /// <summary>One scale and zero point for the whole tensor.</summary>
    public Quantization(float scale, int zeroPoint) : this([scale], [zeroPoint], -1) { }

    /// <summary>A scale and zero point for each index along <paramref name="axis"/>; axis -1 means one for the whole tensor.</summary>
    /// <exception cref="ArgumentException">The lists differ in length, or a scale is not a positive finite number.</exception>
    public Quantization(ReadOnlySpan<float> scales, ReadOnlySpan<int> zeroPoints, int axis)
    {
        if (scales.Length != zeroPoints.Length || scales.Length == 0 || (axis < 0 && scales.Length != 1))
            throw new ArgumentException($"{scales.Length} scales and {zeroPoints.Length} zero points along axis {axis}.");
        foreach (float scale in scales)
            if (!(scale > 0) || !float.IsFinite(scale)) throw new ArgumentException($"The scale {scale} is not a positive finite number.");
        this.scales = scales.ToArray();
        this.zeroPoints = zeroPoints.ToArray();
        Axis = axis;
    }

    /// <summary>One scale, or one for each index along <see cref="Axis"/>.</summary>
    public ReadOnlySpan<float> Scales => scales;

    /// <summary>One zero point, or one for each index along <see cref="Axis"/>.</summary>
    public ReadOnlySpan<int> ZeroPoints => zeroPoints;

    /// <summary>The axis along which scales differ, or -1.</summary>
    public int Axis { get; }

    /// <inheritdoc/>
    public bool Equals(Quantization? other) =>
        other is not null && Axis == other.Axis && Scales.SequenceEqual(other.Scales) && ZeroPoints.SequenceEqual(other.ZeroPoints);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Quantization);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Axis, scales.Length, scales[0], zeroPoints[0]);

    /// <inheritdoc/>
    public override string ToString() => Axis < 0 ? $"scale {scales[0]:G4} zero {zeroPoints[0]}" : $"{scales.Length} scales along axis {Axis}";
}
