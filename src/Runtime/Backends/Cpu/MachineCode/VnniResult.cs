namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>What becomes of sums in machine code.</summary>
internal enum VnniResult
{
    /// <summary>They are written as they are.</summary>
    Sums,

    /// <summary>They are requantized, to U8 or I8.</summary>
    U8,
    I8,
}
