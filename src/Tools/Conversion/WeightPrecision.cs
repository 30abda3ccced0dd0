namespace EdgeRuntime.Tools.Conversion;

/// <summary>How weights are kept in the file.</summary>
internal enum WeightPrecision
{
    /// <summary>As they are: f32.</summary>
    None,

    /// <summary>Half the size: f16, widened when the model is loaded. Computation stays f32.</summary>
    Fp16,
}
