using System.Diagnostics;

namespace EdgeRuntime.Tools.Runs;

/// <summary>How much memory the process has at one moment.</summary>
/// <param name="Resident">What of it is in the machine's memory, in bytes.</param>
/// <param name="Managed">What of that the garbage collector looks after, garbage included.</param>
/// <param name="Collections">How often it has collected garbage so far.</param>
internal readonly record struct MemoryUse(long Resident, long Managed, int Collections)
{
    /// <summary>That of now.</summary>
    public static MemoryUse Now()
    {
        using var process = Process.GetCurrentProcess();
        return new MemoryUse(process.WorkingSet64, GC.GetTotalMemory(forceFullCollection: false), GC.CollectionCount(0));
    }
}
