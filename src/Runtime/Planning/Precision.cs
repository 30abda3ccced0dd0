namespace EdgeRuntime.Planning;

/// <summary>The floats that a device computes with. The CPU always takes those of the model.</summary>
public enum Precision
{
    /// <summary>32 bits.</summary>
    Float32,

    /// <summary>16 bits where the device has them, in memory and in arithmetic; results differ in the third digit.</summary>
    Float16,
}
